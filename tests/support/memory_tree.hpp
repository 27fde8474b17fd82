#pragma once

#include "tree/tree.hpp"

#include <amphora/error.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace amphora::support {

using Content = std::map<std::string, std::string, std::less<>>;

/// A tree in memory: every delivery makes a new version, and views keep theirs. It can be made to
/// fail, to stall, to have no room, and to lose what it does not hold.
class MemoryTree final : public tree::Tree {
  public:
    /// `delivered` survives a power cut at once, as in LMDB, or only once it is held, as in
    /// RocksDB.
    enum class Holds : std::uint8_t { at_once, when_asked };
    explicit MemoryTree(Holds holds = Holds::at_once) : holds_{holds} {
        versions_.push_back(std::make_shared<Version>());
    }

    // For tests.

    void fail_next(int times, ErrorCode code = ErrorCode::io_error) {
        const std::lock_guard lock{mutex_};
        failures_ = times;
        failure_ = code;
    }
    /// Deliveries wait from here on.
    void stall() {
        const std::lock_guard lock{mutex_};
        stalled_ = true;
    }
    void resume() {
        {
            const std::lock_guard lock{mutex_};
            stalled_ = false;
        }
        changed_.notify_all();
    }
    void have_room(Room room) { room_.store(room); }
    /// The free space of a disk that it shares with others.
    void have_disk(std::uint64_t free_bytes) { disk_free_.store(free_bytes); }
    /// At most this many changes have room, with pending ones.
    void have_room_for(std::uint64_t keys) { keys_max_.store(keys); }
    /// Runs before a view is made and again after: to widen races.
    void when_viewed(std::function<void()> call) { when_viewed_ = std::move(call); }
    /// A power cut: everything is as after some delivery at or after the one that is held.
    template <class Random>
    void cut_power(Random& random) {
        const std::lock_guard lock{mutex_};
        versions_.resize(1 + random() % versions_.size());
    }
    [[nodiscard]] Content content() const { return current()->content; }
    [[nodiscard]] std::uint64_t applies() const { return applies_.load(); }
    [[nodiscard]] std::uint64_t holds() const { return hold_calls_.load(); }
    [[nodiscard]] std::uint64_t reclaims() const { return reclaim_calls_.load(); }
    [[nodiscard]] std::thread::id writer() const {
        const std::lock_guard lock{mutex_};
        return writer_;
    }

    // The tree's interface.

    std::shared_ptr<const tree::ReadView> view() override {
        if (when_viewed_) when_viewed_();
        auto view = std::make_shared<View>(current(), readers_);
        if (when_viewed_) when_viewed_();
        return view;
    }

    void apply(std::span<const tree::Change> changes, const Mark& mark) override {
        std::unique_lock lock{mutex_};
        writer_ = std::this_thread::get_id();
        changed_.wait(lock, [&] { return !stalled_; });
        if (failures_ > 0) {
            --failures_;
            throw Error{failure_, "an injected failure of the tree"};
        }
        auto version = std::make_shared<Version>(*versions_.back());
        std::optional<Bytes> before;
        for (const tree::Change& change : changes) {
            if (before && change.key <= *before) std::abort();  // sorted, each key once
            before = change.key;
            if (change.value) {
                version->content.insert_or_assign(std::string{change.key},
                                                  std::string{*change.value});
            } else if (const auto found = version->content.find(change.key);
                       found != version->content.end()) {
                version->content.erase(found);
            }
        }
        version->mark = mark;
        ++applies_;
        versions_.push_back(std::move(version));
        if (holds_ == Holds::at_once) versions_.erase(versions_.begin(), versions_.end() - 1);
    }

    Mark delivered() const override { return current()->mark; }
    Mark held() const override {
        const std::lock_guard lock{mutex_};
        return versions_.front()->mark;
    }
    void hold() override {
        const std::lock_guard lock{mutex_};
        if (failures_ > 0) {
            --failures_;
            throw Error{failure_, "an injected failure of the tree"};
        }
        ++hold_calls_;
        versions_.erase(versions_.begin(), versions_.end() - 1);
    }

    void require_acceptable(Bytes key, std::size_t value_bytes) const override {
        if (key.empty() || key.size() > 511 || value_bytes > (64u << 20)) {
            throw Error{ErrorCode::value_too_large, "beyond the tree's limits"};
        }
    }
    DiskNeed disk_need(Load load) const override {
        return {.bytes = load.bytes, .free_bytes = disk_free_.load()};
    }
    Room room_for(Load load, std::uint64_t others_bytes) const override {
        if (load.keys > keys_max_.load()) return Room::none;
        const Room room = room_.load();
        if (room != Room::enough || load.bytes + others_bytes <= disk_free_.load()) return room;
        return Room::removals_only;
    }
    void reclaim() noexcept override { ++reclaim_calls_; }
    tree::TreeStatistics statistics() const override {
        tree::TreeStatistics statistics;
        statistics.readers = readers_->load();
        return statistics;
    }
    void compact() override {}
    void copy_to(const std::string&, const Copied&) override {
        throw Error{ErrorCode::unsupported, "a tree in memory has no files"};
    }
    void check(Findings&) override {}

  private:
    struct Version {
        Content content;
        Mark mark;
    };
    using Readers = std::shared_ptr<std::atomic<std::uint64_t>>;

    class Position final : public tree::Cursor {
      public:
        explicit Position(std::shared_ptr<const Version> version)
            : version_{std::move(version)}, at_{version_->content.end()} {}
        void narrow_to(Bytes, Bytes) override { at_ = version_->content.end(); }
        void seek(Bytes key) override { at_ = version_->content.lower_bound(key); }
        void seek_before(Bytes key) override {
            at_ = key.empty() ? version_->content.end() : version_->content.lower_bound(key);
            previous();
        }
        void next() override { ++at_; }
        void previous() override {
            at_ = at_ == version_->content.begin() ? version_->content.end() : std::prev(at_);
        }
        bool valid() const override { return at_ != version_->content.end(); }
        Bytes key() const override { return at_->first; }
        Bytes value() const override { return at_->second; }

      private:
        std::shared_ptr<const Version> version_;
        Content::const_iterator at_;
    };

    class View final : public tree::ReadView {
      public:
        View(std::shared_ptr<const Version> version, Readers readers)
            : version_{std::move(version)}, readers_{std::move(readers)} {
            ++*readers_;
        }
        ~View() override { --*readers_; }
        Mark mark() const override { return version_->mark; }
        std::optional<Bytes> find(Bytes key, Buffer&) const override {
            const auto found = version_->content.find(key);
            if (found == version_->content.end()) return std::nullopt;
            return Bytes{found->second};
        }
        std::unique_ptr<tree::Cursor> cursor(Bytes, Bytes) const override {
            return std::make_unique<Position>(version_);
        }

      private:
        std::shared_ptr<const Version> version_;
        Readers readers_;
    };

    [[nodiscard]] std::shared_ptr<const Version> current() const {
        const std::lock_guard lock{mutex_};
        return versions_.back();
    }

    const Holds holds_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::shared_ptr<Version>> versions_;  // from the one that is held to the newest
    Readers readers_ = std::make_shared<std::atomic<std::uint64_t>>(0);
    std::function<void()> when_viewed_;
    std::atomic<Room> room_{Room::enough};
    std::atomic<std::uint64_t> disk_free_{UINT64_MAX};
    std::atomic<std::uint64_t> keys_max_{UINT64_MAX};
    std::atomic<std::uint64_t> applies_{0};
    std::atomic<std::uint64_t> hold_calls_{0};
    std::atomic<std::uint64_t> reclaim_calls_{0};
    std::thread::id writer_;
    int failures_ = 0;
    ErrorCode failure_ = ErrorCode::io_error;
    bool stalled_ = false;
};

}  // namespace amphora::support
