#include "journal/live/live_cursor.hpp"

#include "base/assert.hpp"
#include "journal/live/live_journal.hpp"

#include <utility>

namespace amphora::journal {

LiveCursor::LiveCursor(LiveJournal& journal, FileSystem& files) : journal_{journal}, files_{files} {
    journal_.begin_hold(hold_);
}

LiveCursor::~LiveCursor() {
    walk_.reset();
    journal_.end_hold(hold_);
}

std::optional<Entry> LiveCursor::next() {
    for (;;) {
        if (const auto entry = entries_.next()) {
            AMPHORA_ASSERT(entry->sequence == amphora::next(position()));
            hold_.position.store(entry->sequence, std::memory_order_release);
            return entry;
        }
        if (position() == journal_.durable() && journal_.arm(hold_)) return std::nullopt;
        read_on();
    }
}

/// One step: the next frame, or to the end that the segment has now, or to the next segment.
void LiveCursor::read_on() {
    if (!walk_) walk_.emplace(files_, journal_.held(hold_).segment);
    if (const auto frame = walk_->next()) {
        entries_.begin(walk_->segment().path, frame->header, frame->bytes, position());
        return;
    }
    const HeldSegment now = journal_.held(hold_);
    if (now.segment.end > walk_->segment().end) {
        walk_->extend(now.segment.end, now.segment.chain);
        return;
    }
    // A later commit is durable, so it is in a later segment.
    AMPHORA_ASSERT(now.is_closed);
    walk_.reset();
    journal_.hold_successor(hold_);
}

JournalCursor::Seek LiveCursor::seek(Sequence after) {
    entries_.clear();
    walk_.reset();
    return journal_.seek_hold(hold_, after);
}

JournalCursor::More LiveCursor::await(Deadline deadline) {
    return journal_.await_more(hold_, deadline);
}

void LiveCursor::on_more(std::function<void()> call) {
    journal_.set_on_more(hold_, std::move(call));
}

void LiveCursor::wake() noexcept {
    journal_.wake_cursor(hold_);
}

}  // namespace amphora::journal
