#pragma once

#include "base/ids.hpp"
#include "transaction/reading.hpp"

#include <amphora/error.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Both trees as two maps in memory, with the promises of a write transaction and nothing else. The
/// tests of the stores above the transaction floor use it.
///
/// Each key keeps its versions. A cursor shows the newest version from the moment when the cursor
/// was made; a rollback removes versions again; `settle` keeps only the newest, as a commit would.
namespace amphora::support {

class MemoryWriting final : public transaction::Writing {
  public:
    /// `find` returns memory of the map, or copies into the scratch buffer; the real one does
    /// either.
    enum class Answers : std::uint8_t { in_place, in_scratch };

    explicit MemoryWriting(Answers answers = Answers::in_place) : answers_{answers} {}

    static constexpr std::size_t key_bytes_max = 511;

    Sequence seen{1};  ///< the last commit
    std::int64_t now = 1'700'000'000'000'000;
    std::uint64_t commit_bytes_max = UINT64_MAX;
    /// Called before each put and erase; its exceptions leave them. For statements that fail
    /// midway.
    std::function<void(TreeId, Bytes key)> before_write;
    std::vector<std::string> events;
    mutable std::uint64_t finds = 0, cursors = 0, writes = 0;

    [[nodiscard]] std::optional<Bytes> find(TreeId tree, Bytes key,
                                            Buffer& scratch) const override {
        ++finds;
        const Map& map = maps_[index_of(tree)];
        const auto found = map.find(key);
        if (found == map.end() || found->second.empty()) return std::nullopt;
        const Version& version = found->second.back();
        if (!version.value) return std::nullopt;
        if (answers_ == Answers::in_place) return Bytes{*version.value};
        scratch = *version.value;
        return Bytes{scratch};
    }

    [[nodiscard]] std::unique_ptr<transaction::Cursor> cursor(TreeId tree, Bytes lower,
                                                              Bytes upper) const override {
        ++cursors;
        return std::make_unique<Position>(maps_[index_of(tree)], lower, upper, clock_);
    }

    [[nodiscard]] Commit commit_seen() const override { return {Epoch{1}, seen}; }
    [[nodiscard]] bool may_change() const noexcept override { return true; }

    void put(TreeId tree, Bytes key, Bytes value) override { write(tree, key, Buffer{value}); }
    void put_over(TreeId tree, Bytes key, Bytes value, transaction::KeptState kept) override {
        write(tree, key, Buffer{value}, kept);
    }
    void erase(TreeId tree, Bytes key, transaction::KeptState kept = {}) override {
        write(tree, key, std::nullopt, kept);
    }
    void publish(Bytes event, journal::CommitTags /*tags*/) override { events.emplace_back(event); }
    void set_context(const outbox::Context&) override {}

    [[nodiscard]] Savepoint savepoint() override {
        return Savepoint{static_cast<std::uint64_t>(log_.size())};
    }
    void rollback_to(Savepoint savepoint) noexcept override {
        while (log_.size() > static_cast<std::uint64_t>(savepoint)) {
            const Entry& entry = log_.back();
            bytes_ -= entry.bytes;
            entry.versions->pop_back();
            log_.pop_back();
        }
    }
    [[nodiscard]] std::int64_t now_us() const noexcept override { return now; }

    /// As if the transaction had been committed and the next one had begun. No cursor may be alive.
    void settle() {
        for (Map& map : maps_) {
            for (auto at = map.begin(); at != map.end();) {
                if (at->second.empty() || !at->second.back().value) {
                    at = map.erase(at);
                } else {
                    at->second.erase(at->second.begin(), std::prev(at->second.end()));
                    ++at;
                }
            }
        }
        log_.clear();
        bytes_ = 0;
    }

    /// What a tree holds now, to compare before and after.
    [[nodiscard]] std::map<std::string, std::string> contents(TreeId tree) const {
        std::map<std::string, std::string> now_there;
        for (const auto& [key, versions] : maps_[index_of(tree)]) {
            if (!versions.empty() && versions.back().value) {
                now_there.emplace_hint(now_there.end(), key, *versions.back().value);
            }
        }
        return now_there;
    }

  private:
    struct Version {
        std::uint64_t moment;
        std::optional<Buffer> value;
    };
    using Versions = std::list<Version>;
    using Map = std::map<Buffer, Versions, std::less<>>;
    struct Entry {
        Versions* versions;
        std::uint64_t bytes;
    };

    class Position final : public transaction::Cursor {
      public:
        Position(const Map& map, Bytes lower, Bytes upper, std::uint64_t moment)
            : map_{map}, lower_{lower}, upper_{upper}, moment_{moment}, at_{map.end()} {}

        void narrow_to(Bytes lower, Bytes upper) override {
            lower_.assign(lower);
            upper_.assign(upper);
            shown_ = nullptr;
        }
        std::optional<Bytes> find(Bytes key) override {
            const auto there = map_.find(key);
            const Buffer* const value = there == map_.end() ? nullptr : visible(there->second);
            return value == nullptr ? std::nullopt : std::optional<Bytes>{*value};
        }
        void seek_first() override { seek(lower_); }
        void seek_last() override {
            at_ = upper_.empty() ? map_.end() : map_.lower_bound(Bytes{upper_});
            backward();
        }
        void seek(Bytes key) override {
            at_ = map_.lower_bound(key < Bytes{lower_} ? Bytes{lower_} : key);
            forward();
        }
        void seek_before(Bytes key) override {
            at_ = !upper_.empty() && key > Bytes{upper_} ? map_.lower_bound(Bytes{upper_})
                                                         : map_.lower_bound(key);
            backward();
        }
        void next() override {
            ++at_;
            forward();
        }
        void previous() override { backward(); }
        [[nodiscard]] bool valid() const override { return shown_ != nullptr; }
        [[nodiscard]] Bytes key() const override { return at_->first; }
        [[nodiscard]] Bytes value() const override { return *shown_; }

      private:
        [[nodiscard]] const Buffer* visible(const Versions& versions) const {
            for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
                if (version->moment <= moment_) return version->value ? &*version->value : nullptr;
            }
            return nullptr;
        }
        void forward() {
            shown_ = nullptr;
            for (; at_ != map_.end() && (upper_.empty() || at_->first < upper_); ++at_) {
                shown_ = visible(at_->second);
                if (shown_ != nullptr) return;
            }
        }
        void backward() {
            shown_ = nullptr;
            while (at_ != map_.begin()) {
                --at_;
                if (at_->first < lower_) return;
                shown_ = visible(at_->second);
                if (shown_ != nullptr) return;
            }
        }

        const Map& map_;
        Buffer lower_, upper_;
        std::uint64_t moment_;
        Map::const_iterator at_;
        const Buffer* shown_ = nullptr;
    };

    void write(TreeId tree, Bytes key, std::optional<Buffer> value,
               const transaction::KeptState& kept = {}) {
        if (before_write) before_write(tree, key);
        if (key.empty() || key.size() > key_bytes_max) {
            throw Error{ErrorCode::value_too_large,
                        "a key of " + std::to_string(key.size()) + " bytes"};
        }
        const std::uint64_t bytes =
            key.size() + (value ? value->size() : 0) + (kept ? kept->size() : 0);
        if (bytes_ + bytes > commit_bytes_max) {
            throw Error{ErrorCode::transaction_too_large, "the transaction has grown too large"};
        }
        Map& map = maps_[index_of(tree)];
        auto found = map.lower_bound(key);
        if (found == map.end() || found->first != key) {
            found = map.emplace_hint(found, Buffer{key}, Versions{});
        }
        ++writes;
        bytes_ += bytes;
        found->second.push_back({++clock_, std::move(value)});
        log_.push_back({&found->second, bytes});
    }

    Answers answers_;
    std::array<Map, trees_count> maps_;
    std::vector<Entry> log_;
    std::uint64_t clock_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace amphora::support
