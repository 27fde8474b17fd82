#include "base/assert.hpp"
#include "base/clock.hpp"
#include "journal/live/live_journal.hpp"

#include <amphora/error.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

/// A frame is closed at this size, because its checksum is computed at once.
constexpr std::size_t frame_bytes_enough = 4u << 20;

}  // namespace

/// Writes the whole queue, in as few frames as possible. The caller syncs or wakes.
void LiveJournal::write_queued(Lock& lock) {
    AMPHORA_ASSERT(!writing_);
    if (queue_.empty() || failed_) return;
    writing_ = true;
    const std::vector<Buffer>& records = queue_.take();
    attempted_ = appended_;
    frame_durable_ = durable_.load();
    frame_durable_offset_ = synced_end_;
    lock.unlock();
    try {
        write_frames(records);
        lock.lock();
    } catch (const std::exception& error) {
        tell_failure(error.what());
        lock.lock();
        fail(error.what());
    }
    writing_ = false;
    if (!failed_) place_queue();
}

void LiveJournal::write_frames(const std::vector<Buffer>& records) {
    std::size_t from = 0;
    while (from < records.size()) {
        std::size_t to = from;
        std::size_t bytes = frame_header_bytes;
        while (to < records.size() && bytes < frame_bytes_enough) {
            const std::size_t grown = bytes + record_header_bytes + records[to].size();
            if (!active_->fits(grown)) break;
            bytes = grown;
            ++to;
        }
        if (to == from) {
            change_segment();
        } else {
            write_frame(records, from, to);
            from = to;
        }
    }
}

void LiveJournal::write_frame(const std::vector<Buffer>& records, std::size_t from,
                              std::size_t to) {
    builder_.begin();
    for (std::size_t i = from; i < to; ++i) builder_.add(records[i]);
    last_time_us_ = clock_.next_us();
    // No other thread changes `written_` while this one has the write role.
    FrameHeader header = new_frame(FrameKind::commits, next(written_));
    header.commits = static_cast<std::uint32_t>(to - from);
    const std::uint64_t bytes_before = active_->bytes_written();
    active_->write(builder_, header);

    const std::lock_guard lock{mutex_};
    written_ = header.last();
    index_.add({.epoch = header.epoch, .sequence = written_, .chain = header.checksum});
    counted_.frames += 1;
    counted_.commits += header.commits;
    counted_.bytes_written += active_->bytes_written() - bytes_before;
    note_room();
    note_reached();
}

FrameHeader LiveJournal::new_frame(FrameKind kind, Sequence first) const noexcept {
    return {.kind = kind,
            .epoch = recovery_.epoch,
            .first = first,
            .durable_offset = static_cast<std::uint32_t>(frame_durable_offset_),
            .durable = frame_durable_,
            .time_us = last_time_us_};
}

/// Changes to the next segment: the old one is synced, then the header that says so is written and
/// synced, then the old one names the new one and is synced again.
void LiveJournal::change_segment() {
    Lock lock{mutex_};
    roles_.wait(lock, [this] { return !syncing_; });
    if (failed_) throw Error{ErrorCode::needs_reopen, failure_};
    syncing_ = true;
    AMPHORA_ASSERT(spares_promised_ > 0);
    // Together, or another thread would be promised the spare that is taken here.
    auto file = pool_->take();
    --spares_promised_;
    AMPHORA_ASSERT(file != nullptr);
    const Mark last = index_.last();  // does not change: only this thread adds to it
    lock.unlock();
    try {
        active_->sync();
        SegmentHeader header = active_->header();
        const SegmentHeader::Link link{.number = header.number,
                                       .salt = header.salt,
                                       .end = active_->end(),
                                       .chain = active_->chain()};
        header.number += 1;
        header.salt = random_bits();
        header.prior = last;
        header.prior_time_us = last_time_us_;
        header.predecessor = link;
        header.copies_end = header_bytes;
        auto fresh = std::make_unique<ActiveSegment>(std::move(file), header);
        fresh->write_header();
        const std::uint64_t bytes_before = active_->bytes_written();
        active_->name_successor(fresh->header());

        lock.lock();
        syncing_ = false;
        counted_.syncs += 3;
        counted_.bytes_written += fresh->bytes_written() + active_->bytes_written() - bytes_before;
        closed_.push_back({.path = active_->path(),
                           .header = active_->header(),
                           .end = link.end,
                           .chain = link.chain,
                           .last = header.prior});
        active_ = std::move(fresh);
        note_room();
        aim_spares();
        note_synced(written_, active_->end(), active_->chain());
        proven_ = written_;
        frame_durable_ = written_;
        frame_durable_offset_ = header_bytes;
        wake();
        lock.unlock();
        if (on_segment_closed_) on_segment_closed_();
    } catch (...) {
        if (!lock.owns_lock()) lock.lock();
        syncing_ = false;
        throw;
    }
}

void LiveJournal::sync_written(Lock& lock) {
    AMPHORA_ASSERT(!writing_ && !syncing_ && !failed_);
    if (durable_.load() == written_) return wake();
    syncing_ = true;
    const Sequence covered = written_;
    const Sequence stated = frame_durable_;  // by the last frame
    const std::uint64_t end = active_->end(), chain = active_->chain();
    active_->begin_block();
    ActiveSegment& segment = *active_;  // does not change: replacing it needs the sync role
    wake();                             // the threads that need no sync
    lock.unlock();
    try {
        segment.sync();
        lock.lock();
        note_synced(covered, end, chain);
        proven_ = std::max(proven_, stated);
    } catch (const std::exception& error) {
        tell_failure(error.what());
        lock.lock();
        fail(error.what());
    }
    counted_.syncs += 1;
    syncing_ = false;
    wake();
}

/// An idle or closing mark: says durably how far everything before it is durable. Only while
/// nothing is being written.
void LiveJournal::write_mark(Lock& lock, FrameKind kind) {
    AMPHORA_ASSERT(!writing_ && !syncing_ && !failed_ && durable_.load() == appended_);
    writing_ = syncing_ = true;
    frame_durable_ = durable_.load();
    frame_durable_offset_ = synced_end_;
    // The room of the mark must not be promised to a commit that comes meanwhile.
    active_room_ -= std::min(active_room_, block_bytes);
    place_queue();
    lock.unlock();
    try {
        FrameHeader header = new_frame(kind, next(frame_durable_));
        builder_.begin();
        active_->begin_block();
        active_->write(builder_, header);
        active_->begin_block();
        active_->sync();
        lock.lock();
        note_synced(frame_durable_, active_->end(), active_->chain());
        proven_ = frame_durable_;
        counted_.frames += 1;
        counted_.syncs += 1;
        counted_.bytes_written += block_bytes;
    } catch (const std::exception& error) {
        tell_failure(error.what());
        lock.lock();
        fail(error.what());
    }
    writing_ = syncing_ = false;
    note_room();
    if (!failed_) place_queue();
    wake();
}

void LiveJournal::note_synced(Sequence durable, std::uint64_t end, std::uint64_t chain) noexcept {
    if (failed_) return;
    if (durable > durable_.load()) {
        mark_due_ms_ = steady_ms() + options_.idle_mark_ms;
    }
    durable_.store(durable);
    synced_end_ = end;
    synced_chain_ = chain;
    tell_cursors();
    note_reached();
}

void LiveJournal::note_reached() noexcept {
    if (failed_) return;  // what is visible does not change any more
    const Sequence durable = durable_.load();
    const Sequence visible = visibility_.advance(
        visible_.load(), {.appended = appended_, .written = written_, .durable = durable});
    // A thread that does not wait may see that the commit is visible as soon as it is stored.
    if (options_.on_advance) options_.on_advance(visible, durable);
    visible_.store(visible);
}

/// Without the lock: the log function may wait for a thread that calls the journal.
void LiveJournal::tell_failure(const char* what) const noexcept {
    if (failed_ || !options_.log) return;
    try {
        options_.log(fmt::format("journal: {}; writing ends until the database is reopened", what));
    } catch (const std::exception&) {
        // Without memory for the words the failure still counts.
    }
}

void LiveJournal::fail(const char* what) noexcept {
    if (failed_) return;
    try {
        failure_ = what;
    } catch (const std::exception&) {
        // The same.
    }
    failed_.store(true);
    tell_cursors();
    wake();
}

/// Tells the relays, outside of the lock.
void LiveJournal::announce(Lock& lock) noexcept {
    if (announced_ == durable_.load() && announced_failure_ == failed_.load()) return;
    announced_ = durable_.load();
    announced_failure_ = failed_.load();
    if (!on_durable_) return;
    lock.unlock();
    on_durable_();
    lock.lock();
}

}  // namespace amphora::journal
