#include "journal/recovery/chain_segment.hpp"

#include "base/system_error.hpp"
#include "journal/segment/successor_block.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::journal {

void corrupt_at(const std::string& path, std::uint64_t offset, const std::string& what) {
    throw Error{ErrorCode::corrupt, fmt::format("{}, offset {}: {}", place_of(path), offset, what)};
}

void damaged_frame(const std::string& path, std::uint64_t offset, Sequence last_good) {
    corrupt_at(
        path, offset,
        fmt::format("a frame that was durable does not verify; last good commit is {}; restore the "
                    "file from a backup",
                    number(last_good)));
}

void walk_segment(FileSystem& files, const ChainSegment& segment,
                  const std::function<void(const SegmentReader::Frame&)>& visit) {
    const auto file = files.open(segment.path, OpenFile::existing_read_only);
    SegmentReader scan(*file, segment.header);
    Sequence last_good = segment.header.prior.sequence;
    while (scan.position() < segment.end) {
        const auto frame = scan.next();
        if (!frame || frame->end() > segment.end) {
            damaged_frame(segment.path, scan.position(), last_good);
        }
        if (has_commits(frame->header)) last_good = frame->header.last();
        visit(*frame);
    }
    if (scan.position() != segment.end || scan.chain() != segment.chain) {
        corrupt_at(segment.path, segment.end, "the next segment continues another chain of frames");
    }
}

void visit_frame(const std::string& path, const FrameHeader& header, Bytes frame, Sequence after,
                 const Visit& visit) {
    if (!has_commits(header) || header.last() <= after) return;
    std::vector<Bytes> records;
    if (!split_records(header, frame, records)) {
        throw Error{
            ErrorCode::corrupt,
            fmt::format("{}: the records of the frame of commit {} do not add up; restore the "
                        "file from a backup",
                        place_of(path), number(header.first))};
    }
    Entry entry{.sequence = header.first,
                .epoch = header.epoch,
                .chain = header.checksum,
                .time_us = header.time_us,
                .record = {}};
    for (const Bytes record : records) {
        entry.record = record;
        if (entry.sequence > after) visit(entry);
        entry.sequence = next(entry.sequence);
    }
}

void replay_segments(FileSystem& files, std::span<const ChainSegment> segments, Sequence after,
                     const Visit& visit) {
    if (segments.empty()) return;
    const Sequence prior = segments.front().header.prior.sequence;
    if (after < prior) {
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format(
                "{}: commits {} to {} are wanted, but the journal does not hold them any more",
                place_of(segments.front().path), number(after) + 1, number(prior))};
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool needed =
            i + 1 == segments.size() || segments[i + 1].header.prior.sequence > after;
        if (!needed) continue;
        walk_segment(files, segments[i], [&](const SegmentReader::Frame& frame) {
            visit_frame(segments[i].path, frame.header, frame.bytes, after, visit);
        });
    }
}

std::optional<std::string> check_segment(FileSystem& files, const ChainSegment& segment,
                                         const ChainSegment* after) {
    try {
        const auto file = files.open(segment.path, OpenFile::existing_read_only);
        const Buffer blocks = file->read_at(0, header_bytes);
        const auto header = decode_header(blocks, segment.path);
        if (!header || *header != segment.header) {
            return fmt::format("{}, offset 0: the header does not verify", place_of(segment.path));
        }
        const auto successor = decode_successor(blocks, header->salt);
        if (after != nullptr && (!successor || successor->number < after->header.number)) {
            return fmt::format(
                "{}, offset {}: the block that names the next segment does not "
                "verify; no commit is lost by that, and it goes with the segment "
                "when both stores hold its commits",
                place_of(segment.path), successor_offset);
        }
        walk_segment(files, segment, [&](const SegmentReader::Frame& frame) {
            visit_frame(segment.path, frame.header, frame.bytes, Sequence{}, [](const Entry&) {});
        });
    } catch (const Error& error) {
        if (is_of_the_system(error.code())) throw;
        return error.what();
    }
    return std::nullopt;
}

}  // namespace amphora::journal
