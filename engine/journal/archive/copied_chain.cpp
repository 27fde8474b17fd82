#include "journal/archive/copied_chain.hpp"

#include "journal/archive/last_commit_by.hpp"
#include "journal/recovery/read_only_journal.hpp"
#include "journal/recovery/survey.hpp"
#include "journal/segment/segment_reader.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

Sequence oldest_of(std::span<const Mark> marks) {
    Sequence oldest{std::numeric_limits<std::uint64_t>::max()};
    for (const Mark& mark : marks) oldest = std::min(oldest, mark.sequence);
    return oldest;
}

Sequence newest_of(std::span<const Mark> marks) {
    Sequence newest{};
    for (const Mark& mark : marks) newest = std::max(newest, mark.sequence);
    return newest;
}

/// Walks the copies from one to the next, and stops after the last commit that is wanted.
class Walk {
  public:
    Walk(FileSystem& files, std::span<const SegmentCopy> copies, const Until& until)
        : files_{files}, copies_{copies}, until_{until} {
        const SegmentHeader& first = copies.front().header;
        survey_.index.start_after(first.prior);
        last_ = first.prior;
        time_us_ = first.prior_time_us;
    }

    void run() {
        for (std::size_t i = 0; i < copies_.size() && !ended_; ++i) {
            require_connected(i);
            const SegmentCopy& copy = copies_[i];
            const std::uint64_t extent =
                copied_extent(copy, i + 1 < copies_.size() ? &copies_[i + 1] : nullptr);
            pass(copy, std::min(extent, copy.bytes));
            if (!ended_ && extent > copy.bytes) refuse_part(copy, extent);
        }
    }

    [[nodiscard]] const Mark& last() const noexcept { return last_; }
    /// Whether there was more after the last commit.
    [[nodiscard]] bool was_cut() const noexcept { return ended_; }
    [[nodiscard]] std::int64_t time_us() const noexcept { return time_us_; }
    [[nodiscard]] Survey take() {
        survey_.newest = survey_.chain.back().path;
        survey_.proven = last_;
        survey_.proven_time_us = survey_.last_time_us = time_us_;
        survey_.closed_cleanly = true;
        return std::move(survey_);
    }

  private:
    [[noreturn]] void refuse_part(const SegmentCopy& copy, std::uint64_t extent) const {
        throw Error{ErrorCode::foreign_piece,
                    fmt::format("{}: the copy has {} of the segment's {} bytes, and no other copy "
                                "has the rest: find it, or restore to sequence {}",
                                copy.path, copy.bytes, extent, number(last_.sequence))};
    }

    void require_connected(std::size_t i) const {
        const SegmentHeader& header = copies_[i].header;
        if (header.prior.sequence == last_.sequence &&
            (header.prior == last_ || last_.sequence == Sequence{})) {
            return;
        }
        if (header.prior.sequence > last_.sequence) {
            throw Error{ErrorCode::foreign_piece,
                        fmt::format("{}: begins with commit {}, but the copies before it end with "
                                    "{}: find the missing ones, or restore to sequence {}",
                                    copies_[i].path, number(header.prior.sequence) + 1,
                                    number(last_.sequence), number(last_.sequence))};
        }
        throw Error{ErrorCode::foreign_piece,
                    fmt::format("{}: does not continue the copies before it, which end with commit "
                                "{}: they come from two copies of the database",
                                copies_[i].path, number(last_.sequence))};
    }

    void pass(const SegmentCopy& copy, std::uint64_t extent) {
        ChainSegment segment{.path = copy.path,
                             .header = copy.header,
                             .end = header_bytes,
                             .chain = copy.header.salt,
                             .last = last_};
        const auto file = files_.open(copy.path, OpenFile::existing_read_only);
        SegmentReader scan{*file, copy.header};
        while (!ended_ && scan.position() < extent) {
            const auto frame = scan.next();
            if (!frame || frame->end() > extent) {
                throw Error{ErrorCode::corrupt,
                            fmt::format("{}, offset {}: a frame does not verify; last good commit "
                                        "is {}; use another copy of the segment",
                                        copy.path, scan.position(), number(last_.sequence))};
            }
            if (!note(frame->header)) break;
            segment.end = scan.position();
            segment.chain = scan.chain();
        }
        segment.last = last_;
        survey_.chain.push_back(std::move(segment));
    }

    /// False: the frame is after the end.
    bool note(const FrameHeader& header) {
        if (!has_commits(header)) return true;
        if (header.first != next(last_.sequence)) {
            throw Error{ErrorCode::corrupt,
                        fmt::format("commit {} follows commit {} in the copies",
                                    number(header.first), number(last_.sequence))};
        }
        ended_ = until_.sequence && header.first > *until_.sequence;
        if (ended_) return false;
        last_ = {.epoch = header.epoch, .sequence = header.last(), .chain = header.checksum};
        time_us_ = header.time_us;
        if (until_.sequence && last_.sequence >= *until_.sequence) {
            last_.sequence = *until_.sequence;
            ended_ = true;
        }
        survey_.index.add(last_);
        return true;
    }

    FileSystem& files_;
    std::span<const SegmentCopy> copies_;
    const Until until_;
    Survey survey_;
    Mark last_;
    std::int64_t time_us_ = 0;
    bool ended_ = false;
};

/// The copies from the one on in which the commit after `position` would be.
std::span<const SegmentCopy> needed(std::span<const SegmentCopy> copies, Sequence position) {
    std::size_t first = 0;
    while (first + 1 < copies.size() && copies[first + 1].header.prior.sequence <= position) {
        ++first;
    }
    return copies.subspan(first);
}

/// The same with the copies before them, back to the one in which the commit after `position` would
/// be, or to the first that is missing.
std::span<const SegmentCopy> connected(std::span<const SegmentCopy> copies,
                                       std::span<const SegmentCopy> from, Sequence position) {
    std::size_t first = copies.size() - from.size();
    while (first > 0 && copies[first].header.prior.sequence > position) {
        const SegmentHeader& before = copies[first - 1].header;
        const SegmentHeader::Link& link = copies[first].header.predecessor;
        if (link.number != before.number || link.salt != before.salt) break;
        --first;
    }
    return copies.subspan(first);
}

void require_reach(const Walk& walk, const Backup& backup, const Until& until) {
    const Sequence held = newest_of(backup.marks);
    if (!walk.was_cut() && walk.last().sequence < held) {
        throw Error{ErrorCode::foreign_piece,
                    fmt::format("the copied segments end with commit {}, but a tree ends with {}: "
                                "the tree is newer; put back all parts from one backup",
                                number(walk.last().sequence), number(held))};
    }
    // The trees alone would also fit a journal that ends early.
    if (!walk.was_cut() && walk.last().sequence < backup.last) {
        throw Error{ErrorCode::foreign_piece,
                    fmt::format("the copied segments end with commit {}, but the backup was made "
                                "up to {}: a segment is missing or older; put back all parts from "
                                "one backup, or restore to sequence {}",
                                number(walk.last().sequence), number(backup.last),
                                number(walk.last().sequence))};
    }
    if (walk.last().sequence < held || (until.sequence && *until.sequence < held)) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("the backup already holds commits up to {}, later than the moment "
                                "that is wanted; restore from an older backup",
                                number(held))};
    }
    if (until.sequence && walk.last().sequence < *until.sequence) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("commit {} is wanted, but backup and archive end with {}",
                                number(*until.sequence), number(walk.last().sequence))};
    }
}

void require_marks(const Survey& survey, std::span<const Mark> marks) {
    for (const Mark& mark : marks) {
        const auto held = survey.index.find(mark.sequence);
        if (mark.sequence == Sequence{} || (held && *held == mark)) continue;
        throw Error{ErrorCode::foreign_piece,
                    fmt::format("commit {} of the copied segments is not the one that a tree ends "
                                "with: they come from two copies of the database; put back all "
                                "parts from one backup",
                                number(mark.sequence))};
    }
}

}  // namespace

CopiedChain open_copies(FileSystem& files, std::span<const std::string> directories,
                        const Backup& backup, const Until& until) {
    const std::vector<SegmentCopy> copies = find_copies(files, directories, backup.identity);
    const Sequence oldest = oldest_of(backup.marks);
    if (copies.empty() || copies.front().header.prior.sequence > oldest) {
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("{}: there is no copy of the segment with commit {}, the first after "
                        "those that a tree holds; put back all parts from one backup",
                        directories.front(), number(oldest) + 1)};
    }
    std::span<const SegmentCopy> walked = needed(copies, oldest);
    if (backup.wanted_after && *backup.wanted_after < oldest) {
        walked = connected(copies, walked, *backup.wanted_after);
    }
    Until end = until;
    if (until.time_us) end.sequence = last_commit_by(files, walked, *until.time_us);
    Walk walk{files, walked, end};
    walk.run();
    require_reach(walk, backup, end);
    Survey survey = walk.take();
    require_marks(survey, backup.marks);
    Epoch epoch{};
    for (const SegmentCopy& copy : copies) epoch = std::max(epoch, copy.header.epoch);
    survey.epoch_highest = epoch;

    const Beginning successor{
        .prior = walk.last(), .prior_time_us = walk.time_us(), .epoch = epoch};
    return {.journal = std::make_unique<ReadOnlyJournal>(files, std::move(survey)),
            .successor = successor};
}

}  // namespace amphora::journal
