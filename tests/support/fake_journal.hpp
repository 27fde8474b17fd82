#pragma once

#include "base/clock.hpp"
#include "journal/journal_cursor.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace amphora::support {

/// One commit record, with its bytes.
struct StoredEntry {
    Sequence sequence{};
    Epoch epoch{};
    std::uint64_t chain = 0;
    Buffer record;
};

/// The journal after the end of its process: its entries, and how far they were durable.
struct JournalRemains {
    Epoch epoch{};
    Sequence oldest{1};  ///< the first entry that is still kept
    std::vector<StoredEntry> entries;
    std::size_t durable = 0;  ///< how many of them survive a power cut
    Mark base;                ///< of the last recycled commit

    /// A power cut: of the entries that were not durable a random prefix is left.
    template <class Random>
    void cut_power(Random& random) {
        const std::size_t unsure = entries.size() - durable;
        entries.resize(durable + (unsure == 0 ? 0 : random() % (unsure + 1)));
    }
};

/// A journal in memory that keeps every promise of the interface. "Syncing" is a counter: it
/// advances by itself when a thread waits, or, with `hold_syncs`, only when the test says so.
class FakeJournal final : public journal::Journal {
  public:
    explicit FakeJournal(JournalRemains remains = {}) : kept_{std::move(remains)} {
        recovery_.epoch = Epoch{number(kept_.epoch) + 1};
        recovery_.oldest = kept_.entries.empty() ? Sequence{} : kept_.oldest;
        recovery_.last = last_of(kept_.entries.size());
        kept_.epoch = recovery_.epoch;
        kept_.durable = kept_.entries.size();  // recovery copies and syncs what it found
        publish_progress();
    }

    // For tests.

    /// From here on nothing becomes durable before `sync_to` or `release_syncs`.
    void hold_syncs() {
        set([&] { held_back_ = true; });
    }
    void release_syncs() {
        set([&] { held_back_ = false; });
    }
    void sync_to(Sequence sequence) {
        set([&] { sync_locked(sequence); });
    }
    /// The next sync fails, and with it everything that is not durable.
    void fail_next_sync() {
        set([&] { fail_next_ = true; });
    }
    void fill_disk() {
        set([&] { disk_full_ = true; });
    }
    void empty_disk() {
        set([&] { disk_full_ = false; });
    }
    /// Called by each `reserve`, before it does anything.
    void on_reserve(std::function<void()> call) { on_reserve_ = std::move(call); }
    /// Counts every live byte as this many.
    void weigh(std::uint64_t factor) { weight_.store(factor); }
    /// Entries stay in `replay` after recycling only up to here; a reader that asks for earlier
    /// ones finds a gap.
    [[nodiscard]] JournalRemains remains() const {
        const std::lock_guard lock{mutex_};
        return kept_;
    }
    [[nodiscard]] std::uint64_t syncs() const { return syncs_.load(); }

    // The journal's interface.

    const journal::Recovery& recovery() const override { return recovery_; }

    using Journal::cursor;
    std::unique_ptr<journal::JournalCursor> cursor(journal::HoldOptions options) override {
        return std::make_unique<Cursor>(*this, std::move(options));
    }

    void reserve(std::size_t) override {
        if (on_reserve_) on_reserve_();
        const std::lock_guard lock{mutex_};
        if (failed_) throw Error{ErrorCode::needs_reopen, "the journal has failed"};
        if (disk_full_) throw Error{ErrorCode::disk_full, "no room for the next segment"};
        kept_.entries.reserve(kept_.entries.size() + 1);
    }

    using Journal::append;
    void append(Sequence sequence, Durability durability, Buffer record,
                journal::CommitTags /*tags*/) noexcept override {
        const std::lock_guard lock{mutex_};
        if (sequence != next(last_of(kept_.entries.size()))) std::abort();
        kept_.entries.push_back({.sequence = sequence,
                                 .epoch = recovery_.epoch,
                                 .chain = chain_of(sequence),
                                 .record = std::move(record)});
        durabilities_[number(sequence)] = durability;
        publish_progress();
    }

    void await_visible(Sequence sequence) override { await(sequence, visible_); }
    void await_durable(Sequence sequence) override { await(sequence, durable_); }
    void await_proven(Sequence sequence) override { await(sequence, durable_); }

    Sequence visible() const noexcept override { return visible_.load(std::memory_order_acquire); }
    Sequence durable() const noexcept override { return durable_.load(std::memory_order_acquire); }
    bool failed() const noexcept override { return failed_.load(); }
    void on_durable(std::function<void()>) override {}

    Mark mark_of(Sequence sequence) const override {
        const std::lock_guard lock{mutex_};
        if (sequence == Sequence{}) return {};
        if (sequence == kept_.base.sequence) return kept_.base;
        if (sequence < kept_.oldest || sequence > last_of(kept_.entries.size())) std::abort();
        const auto& entry = kept_.entries[number(sequence) - number(kept_.oldest)];
        return {.epoch = entry.epoch, .sequence = sequence, .chain = entry.chain};
    }

    void recycle(Sequence sequence) override {
        const std::lock_guard lock{mutex_};
        unneeded_ = std::max(unneeded_, sequence);
        const std::uint64_t end = number(whole_segments(std::min(sequence, needed_after())));
        std::size_t count = 0;
        while (count < kept_.entries.size() && number(kept_.entries[count].sequence) <= end) {
            ++count;
        }
        if (count == 0) return;
        if (count > kept_.durable) std::abort();
        const auto& last = kept_.entries[count - 1];
        kept_.base = {last.epoch, last.sequence, last.chain};
        kept_.oldest = next(last.sequence);
        kept_.durable -= count;
        kept_.entries.erase(kept_.entries.begin(),
                            kept_.entries.begin() + static_cast<std::ptrdiff_t>(count));
    }
    void on_hold_released(std::function<void()> call) override {
        on_hold_released_ = std::move(call);
    }
    void leave_free(std::uint64_t bytes) noexcept override { left_free_ = bytes; }
    [[nodiscard]] std::uint64_t left_free() const noexcept { return left_free_; }
    journal::JournalBytes bytes() const noexcept override {
        const std::lock_guard lock{mutex_};
        journal::JournalBytes bytes;
        const Sequence closed = whole_segments(last_of(kept_.entries.size()));
        const Sequence unneeded = whole_segments(unneeded_);
        const Sequence held_after = whole_segments(needed_after());
        for (const StoredEntry& entry : kept_.entries) {
            const std::uint64_t size = entry.record.size() * weight_.load();
            bytes.live += size;
            if (entry.sequence <= closed) bytes.closed += size;
            if (entry.sequence > unneeded) continue;
            bytes.unneeded += size;
            if (entry.sequence > held_after) bytes.for_feeds += size;
        }
        return bytes;
    }
    std::unique_ptr<journal::PositionHold> hold(journal::HoldOptions options,
                                                Sequence after) override {
        return std::make_unique<Position>(*this, std::move(options), after);
    }
    std::optional<journal::FeedLag> slowest_feed() const override {
        const std::lock_guard lock{mutex_};
        const Hold* const slowest = slowest_keeping();
        return slowest == nullptr ? std::nullopt : std::optional{lag_of(*slowest)};
    }
    std::optional<journal::FeedLag> give_up_slowest_feed() override {
        std::optional<journal::FeedLag> lag;
        {
            const std::lock_guard lock{mutex_};
            Hold* const slowest = slowest_keeping();
            if (slowest == nullptr || slowest->options.when_full == FeedFull::hold) return {};
            lag = lag_of(*slowest);
            slowest->is_lost = true;
        }
        recycle(unneeded_);
        return lag;
    }
    std::vector<journal::SegmentExtent> segments() const override { return {}; }
    void on_segment_closed(std::function<void()>) override {}
    void close() override { sync_to(last_of(kept_.entries.size())); }
    journal::JournalStatistics statistics() const override {
        journal::JournalStatistics statistics;
        statistics.bytes = bytes();
        const std::lock_guard lock{mutex_};
        statistics.recycled = Sequence{number(kept_.oldest) - 1};
        for (const Hold* const hold : holds_) statistics.feeds.push_back(lag_of(*hold));
        return statistics;
    }
    void check(const std::function<void(std::string)>&) override {}
    void run_background() override {}

  private:
    static constexpr std::uint64_t segment_entries = 8;

    /// Guarded by the journal's mutex.
    struct Hold {
        journal::HoldOptions options;
        std::atomic<Sequence> position{};
        bool is_lost = false;
        std::int64_t moved_ms = steady_ms();
    };

    class Position final : public journal::PositionHold {
      public:
        Position(FakeJournal& journal, journal::HoldOptions options, Sequence after)
            : journal_{journal}, hold_{std::move(options), after} {
            const std::lock_guard lock{journal_.mutex_};
            journal_.holds_.push_back(&hold_);
        }
        ~Position() override {
            const std::lock_guard lock{journal_.mutex_};
            std::erase(journal_.holds_, &hold_);
        }
        void move(Sequence after, Sequence /*stored_by*/) override {
            std::unique_lock lock{journal_.mutex_};
            hold_.position = after;
            hold_.moved_ms = steady_ms();
            journal_.tell_released(lock);
        }
        void release() noexcept override {
            std::unique_lock lock{journal_.mutex_};
            hold_.is_lost = true;
            journal_.tell_released(lock);
        }

      private:
        FakeJournal& journal_;
        Hold hold_;
    };

    class Cursor final : public journal::JournalCursor {
      public:
        Cursor(FakeJournal& journal, journal::HoldOptions options)
            : journal_{journal}, hold_{std::move(options)} {
            const std::lock_guard lock{journal_.mutex_};
            hold_.position = Sequence{number(journal_.kept_.oldest) - 1};
            journal_.holds_.push_back(&hold_);
        }
        ~Cursor() override {
            std::unique_lock lock{journal_.mutex_};
            std::erase(journal_.holds_, &hold_);
            journal_.tell_released(lock);
        }
        std::optional<journal::Entry> next() override {
            std::unique_lock lock{journal_.mutex_};
            if (position() >= journal_.durable()) return std::nullopt;
            if (hold_.is_lost) throw Error{ErrorCode::feed_gap, hold_.options.name + " is lost"};
            read_ = journal_.kept_.entries[number(position()) + 1 - number(journal_.kept_.oldest)];
            hold_.position = read_.sequence;
            hold_.moved_ms = steady_ms();
            journal_.tell_released(lock);
            return journal::Entry{.sequence = read_.sequence,
                                  .epoch = read_.epoch,
                                  .chain = read_.chain,
                                  .time_us = 0,
                                  .record = read_.record};
        }
        Seek seek(Sequence after) override {
            std::unique_lock lock{journal_.mutex_};
            if (amphora::next(after) < journal_.kept_.oldest) return Seek::recycled;
            if (after > journal_.durable()) return Seek::not_durable;
            hold_.position = after;
            hold_.is_lost = false;
            journal_.tell_released(lock);
            return Seek::found;
        }
        More await(Deadline deadline) override {
            std::unique_lock lock{journal_.mutex_};
            const auto has_more = [&] { return position() < journal_.durable(); };
            (void)deadline.await(journal_.moved_, lock, [&] {
                return is_woken_ || has_more() || journal_.failed_.load();
            });
            is_woken_ = false;
            if (has_more()) return More::now;
            return journal_.failed_ ? More::never : More::not_yet;
        }
        void on_more(std::function<void()> /*call*/) override {}
        void tell_of_all(bool /*all*/) noexcept override {}
        void wake() noexcept override {
            journal_.set([&] { is_woken_ = true; });
        }
        [[nodiscard]] Sequence durable() const noexcept override { return journal_.durable(); }
        Sequence position() const noexcept override { return hold_.position.load(); }

      private:
        FakeJournal& journal_;
        Hold hold_;
        StoredEntry read_;
        bool is_woken_ = false;
    };

    /// Only whole segments are recycled.
    static Sequence whole_segments(Sequence sequence) {
        return Sequence{number(sequence) / segment_entries * segment_entries};
    }
    [[nodiscard]] Sequence needed_after() const {
        Sequence first{UINT64_MAX};
        for (const Hold* const hold : holds_) {
            if (!hold->is_lost) first = std::min(first, hold->position.load());
        }
        return first;
    }
    /// Of those with the same position one that does not skip.
    [[nodiscard]] Hold* slowest_keeping() const {
        Hold* slowest = nullptr;
        for (Hold* const hold : holds_) {
            if (hold->is_lost || hold->position.load() != needed_after()) continue;
            const bool skips = hold->options.when_full == FeedFull::skip;
            if (slowest == nullptr || !skips) slowest = hold;
        }
        const bool keeps = slowest != nullptr &&
                           whole_segments(unneeded_) > whole_segments(slowest->position.load());
        return keeps ? slowest : nullptr;
    }
    [[nodiscard]] journal::FeedLag lag_of(const Hold& hold) const {
        journal::FeedLag lag{.name = hold.options.name,
                             .remedy = hold.options.remedy,
                             .when_full = hold.options.when_full,
                             .after = hold.position.load(),
                             .moved_ms = hold.moved_ms};
        for (const StoredEntry& entry : kept_.entries) {
            if (entry.sequence <= lag.after) continue;
            ++lag.commits;
            lag.bytes += entry.record.size();
        }
        return lag;
    }
    void tell_released(std::unique_lock<std::mutex>& lock) {
        const bool is_released =
            whole_segments(std::min(unneeded_, needed_after())) >= kept_.oldest;
        if (!is_released || !on_hold_released_) return;
        lock.unlock();
        on_hold_released_();
    }

    template <class Change>
    void set(Change&& change) {
        {
            const std::lock_guard lock{mutex_};
            change();
        }
        moved_.notify_all();
    }
    [[nodiscard]] Sequence last_of(std::size_t count) const {
        return Sequence{number(kept_.oldest) - 1 + count};
    }
    [[nodiscard]] std::uint64_t chain_of(Sequence sequence) const {
        return number(sequence) * 0x9E3779B97F4A7C15ull ^ number(recovery_.epoch);
    }
    void sync_locked(Sequence sequence) {
        if (number(sequence) < number(kept_.oldest)) return;
        const std::size_t count = number(sequence) - number(kept_.oldest) + 1;
        kept_.durable = std::max(kept_.durable, std::min(count, kept_.entries.size()));
        ++syncs_;
        publish_progress();
    }
    void publish_progress() {
        const Sequence durable = last_of(kept_.durable);
        Sequence visible = std::max(durable, visible_.load());
        // A commit that does not wait for a sync is visible at once, if everything before it is.
        while (!failed_ && visible < last_of(kept_.entries.size())) {
            const auto found = durabilities_.find(number(next(visible)));
            if (found == durabilities_.end() || found->second == Durability::synced) break;
            visible = next(visible);
        }
        visible_.store(visible, std::memory_order_release);
        durable_.store(durable, std::memory_order_release);
        moved_.notify_all();
    }
    void await(Sequence sequence, const std::atomic<Sequence>& stage) {
        std::unique_lock lock{mutex_};
        const bool had_failed = failed_;
        for (;;) {
            if (stage.load() >= sequence) return;
            if (failed_) {
                throw Error{had_failed ? ErrorCode::needs_reopen : ErrorCode::outcome_unknown,
                            "the journal's sync failed"};
            }
            if (!held_back_) {
                if (fail_next_) {
                    failed_ = true;
                    moved_.notify_all();
                } else {
                    sync_locked(last_of(kept_.entries.size()));
                }
                continue;
            }
            moved_.wait(lock);
        }
    }

    mutable std::mutex mutex_;
    std::condition_variable moved_;
    JournalRemains kept_;
    journal::Recovery recovery_;
    std::function<void()> on_reserve_;
    std::function<void()> on_hold_released_;
    Sequence unneeded_{};  ///< `recycle` was called for commits up to it
    std::vector<Hold*> holds_;
    std::map<std::uint64_t, Durability> durabilities_;
    std::atomic<Sequence> visible_{};
    std::atomic<Sequence> durable_{};
    std::atomic<std::uint64_t> weight_{1};
    std::atomic<std::uint64_t> syncs_{0};
    std::atomic<bool> failed_{false};
    bool held_back_ = false;
    bool fail_next_ = false;
    bool disk_full_ = false;
    std::atomic<std::uint64_t> left_free_{0};
};

}  // namespace amphora::support
