#pragma once

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
        for (const StoredEntry& entry : kept_.entries) bytes_live_ += entry.record.size();
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

    std::unique_ptr<journal::JournalCursor> cursor() override {
        return std::make_unique<Cursor>(*this);
    }

    void reserve(std::size_t) override {
        if (on_reserve_) on_reserve_();
        const std::lock_guard lock{mutex_};
        if (failed_) throw Error{ErrorCode::needs_reopen, "the journal has failed"};
        if (disk_full_) throw Error{ErrorCode::disk_full, "no room for the next segment"};
        kept_.entries.reserve(kept_.entries.size() + 1);
    }

    void append(Sequence sequence, Durability durability, Buffer record) noexcept override {
        const std::lock_guard lock{mutex_};
        if (sequence != next(last_of(kept_.entries.size()))) std::abort();
        bytes_live_ += record.size();
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
            bytes_live_ -= kept_.entries[count++].record.size();
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
    void on_cursor_released(std::function<void()> call) override {
        on_cursor_released_ = std::move(call);
    }
    std::uint64_t bytes_for_cursors() const noexcept override {
        const std::lock_guard lock{mutex_};
        std::uint64_t bytes = 0;
        for (const StoredEntry& entry : kept_.entries) {
            if (entry.sequence <= whole_segments(unneeded_)) bytes += entry.record.size();
        }
        return bytes * weight_.load();
    }
    void leave_free(std::uint64_t bytes) noexcept override { left_free_ = bytes; }
    [[nodiscard]] std::uint64_t left_free() const noexcept { return left_free_; }
    std::uint64_t bytes_live() const noexcept override {
        return bytes_live_.load() * weight_.load();
    }
    std::uint64_t bytes_closed() const noexcept override {
        const std::lock_guard lock{mutex_};
        const std::uint64_t end =
            number(last_of(kept_.entries.size())) / segment_entries * segment_entries;
        std::uint64_t bytes = 0;
        for (const StoredEntry& entry : kept_.entries) {
            if (number(entry.sequence) <= end) bytes += entry.record.size();
        }
        return bytes * weight_.load();
    }
    std::vector<journal::SegmentExtent> segments() const override { return {}; }
    void on_segment_closed(std::function<void()>) override {}
    void close() override { sync_to(last_of(kept_.entries.size())); }
    journal::JournalStatistics statistics() const override {
        journal::JournalStatistics statistics;
        statistics.bytes_for_cursors = bytes_for_cursors();
        const std::lock_guard lock{mutex_};
        statistics.recycled = Sequence{number(kept_.oldest) - 1};
        for (const Cursor* cursor : cursors_) {
            statistics.cursors_position = std::min(
                statistics.cursors_position.value_or(cursor->position()), cursor->position());
        }
        return statistics;
    }
    void check(const std::function<void(std::string)>&) override {}
    void run_background() override {}

  private:
    static constexpr std::uint64_t segment_entries = 8;

    class Cursor final : public journal::JournalCursor {
      public:
        explicit Cursor(FakeJournal& journal) : journal_{journal} {
            const std::lock_guard lock{journal_.mutex_};
            position_.store(Sequence{number(journal_.kept_.oldest) - 1});
            journal_.cursors_.push_back(this);
        }
        ~Cursor() override {
            std::unique_lock lock{journal_.mutex_};
            std::erase(journal_.cursors_, this);
            journal_.tell_released(lock);
        }
        std::optional<journal::Entry> next() override {
            std::unique_lock lock{journal_.mutex_};
            if (position() >= journal_.durable()) return std::nullopt;
            read_ = journal_.kept_.entries[number(position()) + 1 - number(journal_.kept_.oldest)];
            position_.store(read_.sequence);
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
            position_.store(after);
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
        void wake() noexcept override {
            journal_.set([&] { is_woken_ = true; });
        }
        Sequence position() const noexcept override { return position_.load(); }

      private:
        FakeJournal& journal_;
        std::atomic<Sequence> position_{};
        StoredEntry read_;
        bool is_woken_ = false;
    };

    /// Only whole segments are recycled.
    static Sequence whole_segments(Sequence sequence) {
        return Sequence{number(sequence) / segment_entries * segment_entries};
    }
    [[nodiscard]] Sequence needed_after() const {
        Sequence first{UINT64_MAX};
        for (const Cursor* cursor : cursors_) first = std::min(first, cursor->position());
        return first;
    }
    void tell_released(std::unique_lock<std::mutex>& lock) {
        const bool is_released =
            whole_segments(std::min(unneeded_, needed_after())) >= kept_.oldest;
        if (!is_released || !on_cursor_released_) return;
        lock.unlock();
        on_cursor_released_();
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
    std::function<void()> on_cursor_released_;
    Sequence unneeded_{};  ///< `recycle` was called for commits up to it
    std::vector<const Cursor*> cursors_;
    std::map<std::uint64_t, Durability> durabilities_;
    std::atomic<Sequence> visible_{};
    std::atomic<Sequence> durable_{};
    std::atomic<std::uint64_t> bytes_live_{0};
    std::atomic<std::uint64_t> weight_{1};
    std::atomic<std::uint64_t> syncs_{0};
    std::atomic<bool> failed_{false};
    bool held_back_ = false;
    bool fail_next_ = false;
    bool disk_full_ = false;
    std::atomic<std::uint64_t> left_free_{0};
};

}  // namespace amphora::support
