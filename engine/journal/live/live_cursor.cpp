#include "journal/live/live_cursor.hpp"

#include "base/assert.hpp"
#include "base/clock.hpp"
#include "journal/live/live_journal.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace amphora::journal {

LiveCursor::LiveCursor(LiveJournal& journal, FileSystem& files, HoldOptions options)
    : journal_{journal}, files_{files}, hold_{std::move(options)} {
    journal_.begin_hold(hold_);
}

LiveCursor::~LiveCursor() {
    walk_.reset();
    journal_.end_hold(hold_);
    journal_.forget_hold(hold_);
}

std::optional<Entry> LiveCursor::next() {
    begin_reading();
    for (;;) {
        while (const auto entry = entries_.next()) {
            if (entry->sequence <= position()) continue;
            AMPHORA_ASSERT(entry->sequence == amphora::next(position()));
            hold_.position.store(entry->sequence, std::memory_order_release);
            return entry;
        }
        const bool wants_all = hold_.options.wanted == CommitTags::all();
        if (!wants_all && journal_.pass_unwanted(hold_)) {
            walk_.reset();
            if (journal_.seek_hold(hold_, position()) != Seek::found) regain();
        }
        if (position() == journal_.durable() && journal_.arm(hold_)) {
            may_be_armed_ = true;
            return std::nullopt;
        }
        read_on();
    }
}

Sequence LiveCursor::durable() const noexcept {
    return journal_.durable();
}

void LiveCursor::begin_reading() {
    if (!may_be_armed_) return;
    journal_.disarm(hold_);
    may_be_armed_ = false;
}

/// One step: the next frame, or to the end that the segment has now, or to the next segment.
void LiveCursor::read_on() {
    hold_.moved_ms.store(steady_ms(), std::memory_order_relaxed);
    try {
        if (read_frame()) return;
    } catch (const Error&) {
        if (!hold_.is_lost) throw;
    }
    if (hold_.is_lost) return regain();
    const auto now = journal_.held(hold_);
    if (!now) return regain();
    if (now->segment.end > walk_->segment().end) {
        walk_->extend(now->segment.end, now->segment.chain);
        return;
    }
    // A later commit is durable, so it is in a later segment.
    AMPHORA_ASSERT(now->is_closed);
    walk_.reset();
    journal_.hold_successor(hold_);
}

/// False: there is none where the cursor looks, or the hold is lost.
bool LiveCursor::read_frame() {
    if (!walk_) {
        const auto held = journal_.held(hold_);
        if (!held) return false;
        walk_.emplace(files_, held->segment);
    }
    const auto frame = walk_->next();
    if (!frame || hold_.is_lost) return false;
    entries_.begin(walk_->segment().path, frame->header, frame->bytes, position());
    return true;
}

/// The commits may still be there, because somebody else holds them.
void LiveCursor::regain() {
    walk_.reset();
    if (journal_.seek_hold(hold_, position()) == Seek::found) return;
    throw Error{ErrorCode::feed_gap,
                fmt::format("{} has lost its place: it was too slow, and the changes after commit "
                            "{} are not in the journal any more; begin again at the oldest change, "
                            "or with a snapshot",
                            hold_.options.name, number(position()))};
}

JournalCursor::Seek LiveCursor::seek(Sequence after) {
    begin_reading();
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

void LiveCursor::tell_of_all(bool all) noexcept {
    journal_.tell_of_all(hold_, all);
}

void LiveCursor::wake() noexcept {
    journal_.wake_cursor(hold_);
}

}  // namespace amphora::journal
