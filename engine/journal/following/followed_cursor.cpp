#include "journal/following/followed_cursor.hpp"

#include "journal/following/followed_journal.hpp"
#include "journal/following/overtaken.hpp"

#include <utility>

#include <fmt/format.h>

namespace amphora::journal {

FollowedCursor::FollowedCursor(FollowedJournal& journal, FileSystem& files)
    : journal_{journal}, files_{files}, position_{journal.segments().front().prior} {
    journal_.begin(*this);
}

FollowedCursor::~FollowedCursor() {
    journal_.end(*this);
}

Sequence FollowedCursor::durable() const noexcept {
    return journal_.visible();
}

std::optional<Entry> FollowedCursor::next() {
    disarm();
    for (;;) {
        // A frame may hold commits that are not visible yet: they stay in it.
        while (position() < durable()) {
            if (const auto entry = entries_.next()) {
                position_.store(entry->sequence);
                return entry;
            }
            read_on();
        }
        if (arm()) return std::nullopt;
    }
}

/// One step: the next frame, perhaps of the next segment. There is one, because a later commit is
/// visible.
void FollowedCursor::read_on() {
    const auto segment = journal_.segment_after(position());
    if (!segment) {
        throw Overtaken(
            fmt::format("the changes after commit {} are not in the journal any more; "
                        "begin again at the oldest change, or with a snapshot",
                        number(position())));
    }
    try {
        read_frame(*segment);
    } catch (const Error&) {
        walk_.reset();
        journal_.require_present(*segment);
        throw;
    }
}

void FollowedCursor::read_frame(const ChainSegment& segment) {
    if (!walk_ || walk_->segment().header != segment.header) {
        walk_.reset();
        walk_.emplace(files_, segment);
    } else if (walk_->segment().end < segment.end) {
        walk_->extend(segment.end, segment.chain);
    }
    const auto frame = walk_->next();
    if (!frame) {
        corrupt_at(segment.path, segment.end,
                   fmt::format("commit {} is not in its segment", number(position()) + 1));
    }
    entries_.begin(segment.path, frame->header, frame->bytes, position());
}

JournalCursor::Seek FollowedCursor::seek(Sequence after) {
    disarm();
    if (after > durable()) return Seek::not_durable;
    if (!journal_.segment_after(after)) return Seek::recycled;
    entries_.clear();
    walk_.reset();
    position_.store(after);
    return Seek::found;
}

JournalCursor::More FollowedCursor::await(Deadline deadline) {
    std::unique_lock lock{journal_.mutex_};
    const auto has_more = [this] { return position() < durable(); };
    (void)deadline.await(journal_.moved_, lock,
                         [&] { return is_woken_ || has_more() || journal_.has_ended(); });
    is_woken_ = false;
    if (has_more()) return More::now;
    return journal_.has_ended() ? More::never : More::not_yet;
}

void FollowedCursor::on_more(std::function<void()> call) {
    const std::lock_guard lock{journal_.mutex_};
    on_more_ = std::move(call);
}

void FollowedCursor::wake() noexcept {
    {
        const std::lock_guard lock{journal_.mutex_};
        is_woken_ = true;
        tell_more();
    }
    journal_.moved_.notify_all();
}

void FollowedCursor::tell_more() noexcept {
    if (std::exchange(is_armed_, false)) on_more_();
}

/// False: more has become visible.
bool FollowedCursor::arm() {
    const std::lock_guard lock{journal_.mutex_};
    if (position() < durable()) return false;
    is_armed_ = on_more_ && !journal_.has_ended();
    return true;
}

void FollowedCursor::disarm() {
    const std::lock_guard lock{journal_.mutex_};
    is_armed_ = false;
}

}  // namespace amphora::journal
