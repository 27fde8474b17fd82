#include "journal/recovery/read_only_journal.hpp"

#include "base/assert.hpp"
#include "journal/recovery/chain_segment.hpp"
#include "journal/recovery/found_cursor.hpp"
#include "journal/recovery/opening.hpp"
#include "journal/segment/segment_reader.hpp"

#include <amphora/error.hpp>

namespace amphora::journal {

namespace {

ChainSegment verified_part(FileSystem& files, const ChainSegment& proven) {
    const auto file = files.open(proven.path, OpenFile::existing_read_only);
    SegmentReader scan(*file, proven.header);
    ChainSegment part = proven;
    part.last = proven.header.prior;
    while (const auto frame = scan.next()) {
        if (!has_commits(frame->header)) continue;
        part.last = {.epoch = frame->header.epoch,
                     .sequence = frame->header.last(),
                     .chain = frame->header.checksum};
    }
    part.end = scan.position();
    part.chain = scan.chain();
    return part;
}

}  // namespace

ReadOnlyJournal::ReadOnlyJournal(FileSystem& files, Survey survey)
    : files_{files}, survey_{std::move(survey)}, recovery_{recovery_of(survey_)} {}

std::unique_ptr<JournalCursor> ReadOnlyJournal::cursor(HoldOptions /*options*/) {
    return std::make_unique<FoundCursor>(files_, survey_, recovery_.last);
}

std::unique_ptr<PositionHold> ReadOnlyJournal::hold(HoldOptions /*options*/, Sequence /*after*/) {
    throw Error{ErrorCode::read_only, "the journal was opened read-only, and can hold nothing"};
}

void ReadOnlyJournal::reserve(std::size_t) {
    throw Error{ErrorCode::read_only, "the journal was opened read-only"};
}

void ReadOnlyJournal::append(Sequence, Durability, Buffer, CommitTags /*tags*/) noexcept {
    AMPHORA_ASSERT(!"a read-only journal takes no commits");
}

void ReadOnlyJournal::await_visible(Sequence sequence) {
    AMPHORA_ASSERT(sequence <= recovery_.last);
}
void ReadOnlyJournal::await_durable(Sequence sequence) {
    AMPHORA_ASSERT(sequence <= recovery_.last);
}

Mark ReadOnlyJournal::mark_of(Sequence sequence) const {
    if (sequence == Sequence{}) return {};
    const auto mark = survey_.index.find(sequence);
    AMPHORA_ASSERT(mark.has_value());
    return *mark;
}

JournalBytes ReadOnlyJournal::bytes() const noexcept {
    JournalBytes bytes;
    for (const ChainSegment& segment : survey_.chain) bytes.live += segment.end;
    bytes.closed = bytes.live;
    return bytes;
}

/// Unproven commits count, too, because the next opening keeps them.
std::vector<ChainSegment> ReadOnlyJournal::segments_with_unproven() const {
    std::vector<ChainSegment> segments = survey_.chain;
    if (survey_.unproven.empty()) return segments;
    if (survey_.superseded.empty()) {
        segments.back() = survey_.newest_verified;
    } else if (segments.empty()) {
        segments.push_back(survey_.newest_verified);
    } else {
        // The newest segment may be temporary: its header is perhaps not on the disk. It holds
        // copies of frames that the one before it still has after its end.
        segments.back() = verified_part(files_, segments.back());
    }
    return segments;
}

std::vector<SegmentExtent> ReadOnlyJournal::segments() const {
    std::vector<SegmentExtent> extents;
    for (const ChainSegment& segment : segments_with_unproven()) {
        extents.push_back({.path = segment.path,
                           .number = segment.header.number,
                           .end = segment.end,
                           .prior = segment.header.prior.sequence,
                           .last = segment.last.sequence});
    }
    if (!extents.empty()) extents.back().is_last = true;
    return extents;
}

JournalStatistics ReadOnlyJournal::statistics() const {
    return {.recycled = survey_.index.prior().sequence,
            .durable = recovery_.last,
            .written = recovery_.last,
            .appended = recovery_.last,
            .bytes = bytes(),
            .segments_live = survey_.chain.size()};
}

void ReadOnlyJournal::check(const std::function<void(std::string)>& report) {
    const std::vector<ChainSegment>& chain = survey_.chain;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const ChainSegment* const after = i + 1 < chain.size() ? &chain[i + 1] : nullptr;
        if (const auto finding = check_segment(files_, chain[i], after)) report(*finding);
    }
}

}  // namespace amphora::journal
