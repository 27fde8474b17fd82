#include "journal/archive/archive_cursor.hpp"

#include <amphora/error.hpp>

#include <utility>

#include <fmt/format.h>

namespace amphora::journal {

ArchiveCursor::ArchiveCursor(FileSystem& files, std::shared_ptr<const ArchivedChain> chain)
    : files_{files},
      chain_{std::move(chain)},
      last_{chain_->last},
      position_{chain_->parts.front().copy.header.prior.sequence} {}

std::optional<Entry> ArchiveCursor::next() {
    while (position_ < last_) {
        if (const auto entry = entries_.next()) {
            if (entry->sequence > chain_->parts[part_].until) {
                entries_.clear();
                continue;
            }
            position_ = entry->sequence;
            return entry;
        }
        read_on();
    }
    return std::nullopt;
}

/// One step: the next frame, or to the next part.
void ArchiveCursor::read_on() {
    const Part& part = chain_->parts[part_];
    if (!walk_) walk_.emplace(files_, part);
    if (const auto frame = walk_->next()) {
        entries_.begin(part.copy.path, frame->header, frame->bytes, position_);
        return;
    }
    require_whole(part);
    if (part_ + 1 == chain_->parts.size()) {
        last_ = walk_->end().sequence;  // the damage was put right meanwhile
        return;
    }
    go_on_to(part_ + 1);
}

void ArchiveCursor::go_on_to(std::size_t part) {
    const SegmentCopy& copy = chain_->parts[part].copy;
    const Mark& end = walk_->end();
    if (copy.header.prior.sequence > end.sequence) refuse_gap(end.sequence, part);
    // The first commit of a database has no mark before it.
    if (copy.header.prior != end && end.sequence != Sequence{}) {
        throw Error{ErrorCode::foreign_piece,
                    fmt::format("{}: does not continue the copies before it, which end with commit "
                                "{}: they come from two copies of the database",
                                copy.path, number(end.sequence))};
    }
    walk_.emplace(files_, chain_->parts[part]);
    part_ = part;
}

void ArchiveCursor::require_whole(const Part& part) const {
    const bool is_cut = walk_->end().sequence >= part.until;
    if (is_cut || part.extent <= part.copy.bytes) return;
    throw Error{
        ErrorCode::feed_gap,
        fmt::format("{}: the copy has {} of the segment's {} bytes; the commits after {} "
                    "are missing: find another copy of the segment",
                    part.copy.path, part.copy.bytes, part.extent, number(walk_->end().sequence))};
}

void ArchiveCursor::refuse_gap(Sequence last, std::size_t part) const {
    const SegmentCopy& copy = chain_->parts[part].copy;
    throw Error{ErrorCode::feed_gap,
                fmt::format("{}: commits {} to {} are missing, and {} begins after them; find the "
                            "missing segments, or continue after {}",
                            chain_->directory, number(last) + 1, number(copy.header.prior.sequence),
                            copy.path, chain_->position_text(copy.header.prior.sequence))};
}

JournalCursor::Seek ArchiveCursor::seek(Sequence after) {
    if (after > last_) return Seek::not_durable;
    const auto part = chain_->part_after(after);
    if (!part) refuse_gap(after, 0);
    // Where the next copy continues this one, the commit after `after` is in this one, or it is the
    // first of a later one.
    if (*part + 1 < chain_->parts.size()) {
        PartWalk walk{files_, chain_->parts[*part]};
        while (walk.end().sequence < after && walk.next()) {
        }
        if (walk.end().sequence < after) refuse_gap(walk.end().sequence, *part + 1);
    }
    entries_.clear();
    walk_.reset();
    part_ = *part;
    position_ = after;
    return Seek::found;
}

JournalCursor::More ArchiveCursor::await(Deadline /*deadline*/) {
    return position_ < last_ ? More::now : More::never;
}

}  // namespace amphora::journal
