#include "journal/recovery/salvage.hpp"

#include "journal/recovery/chain_segment.hpp"
#include "journal/recovery/survey.hpp"
#include "journal/segment/frame.hpp"
#include "journal/segment/segment_header.hpp"
#include "journal/segment/successor_block.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::journal {

namespace {

/// The next frame at or after `offset` that verifies by itself.
struct FoundFrame {
    FrameHeader header;
    std::uint64_t offset = 0;
};
std::optional<FoundFrame> next_frame(Bytes file, std::uint64_t offset) {
    for (; offset + frame_header_bytes <= file.size(); offset += frame_alignment) {
        const auto header = peek_frame(file.substr(offset, frame_header_bytes));
        if (!header || header->bytes > file.size() - offset) continue;
        if (verify_frame(*header, file.substr(offset, header->bytes))) {
            return FoundFrame{.header = *header, .offset = offset};
        }
    }
    return std::nullopt;
}

}  // namespace

SalvagedJournal::SalvagedJournal(FileSystem& files, const std::string& directory,
                                 const std::optional<Identity>& identity)
    : files_{files} {
    find_segments(directory, identity);
    for (std::size_t segment = 0; segment < segments_.size(); ++segment) find_frames(segment);
}

void SalvagedJournal::find_segments(const std::string& directory,
                                    const std::optional<Identity>& identity) {
    std::vector<SegmentHeader> headers;
    std::vector<std::string> headless;
    std::map<std::uint64_t, std::uint64_t> missing;  // numbers by salt, named by a predecessor
    for (const std::string& path : segment_paths(files_, directory)) {
        const auto file = files_.open(path, OpenFile::existing_read_only);
        const Buffer blocks = file->read_at(0, header_bytes);
        if (const auto header = decode_header(blocks, path)) {
            const bool ours = !identity || header->identity == *identity;
            if (!ours) continue;
            headers.push_back(*header);
            segments_.push_back({.path = path,
                                 .number = header->number,
                                 .salt = header->salt,
                                 .file_bytes = header->file_bytes,
                                 .reached = header_bytes,
                                 .checksum_reached = header->salt});
            last_known_ = std::max(last_known_, header->prior.sequence);
            if (const auto successor = decode_successor(blocks, header->salt)) {
                missing[successor->salt] = successor->number;
            }
            continue;
        }
        headless.push_back(path);
    }
    for (const SegmentHeader& header : headers) missing.erase(header.salt);
    for (const std::string& path : headless) find_headless(path, missing);
    for (const auto& [salt, number] : missing) lost_ = std::max(lost_, number);
    std::ranges::sort(segments_, {}, &Segment::number);
    std::ranges::sort(headers, {}, &SegmentHeader::number);
    if (segments_.empty() || lost_ <= segments_.back().number) lost_ = 0;
    for (const SegmentHeader& header : headers) {
        identity_ = header.identity;
        epoch_highest_ = std::max(epoch_highest_, header.epoch);
        for (Segment& segment : segments_) {
            if (segment.salt == header.predecessor.salt) segment.end = header.predecessor.end;
        }
    }
}

/// A file without a header counts as a segment if its frames are those of a missing one, or if its
/// header was not removed by recycling, which leaves zeros there.
void SalvagedJournal::find_headless(const std::string& path,
                                    std::map<std::uint64_t, std::uint64_t>& missing) {
    const auto file = files_.open(path, OpenFile::existing_read_only);
    const Buffer whole = file->read_at(0, static_cast<std::size_t>(file->size()));
    std::optional<FoundFrame> first;
    for (auto frame = next_frame(whole, header_bytes); frame;
         frame = next_frame(whole, frame->offset + frame_alignment)) {
        if (!first) first = frame;
        const auto found = missing.find(frame->header.salt);
        if (found == missing.end()) continue;
        segments_.push_back({.path = path, .number = found->second, .salt = found->first});
        missing.erase(found);
        return;
    }
    const Bytes copies = Bytes(whole).substr(0, header_copies_bytes);
    if (!first || copies.find_first_not_of('\0') == Bytes::npos) return;
    segments_.push_back(
        {.path = path, .number = first->header.segment, .salt = first->header.salt});
}

void SalvagedJournal::find_frames(std::size_t segment) {
    Segment& found = segments_[segment];
    const auto file = files_.open(found.path, OpenFile::existing_read_only);
    const Buffer whole = file->read_at(0, static_cast<std::size_t>(file->size()));
    std::uint64_t offset = header_bytes;
    while (const auto frame = next_frame(whole, offset)) {
        offset = frame->offset + frame_alignment;
        const FrameHeader& header = frame->header;
        if (header.salt != found.salt || header.segment != found.number) continue;
        if (frame->offset + header.bytes > found.end) continue;
        offset = (frame->offset + header.bytes + frame_alignment - 1) / frame_alignment *
                 frame_alignment;
        found.reached = offset;
        found.checksum_reached = header.checksum;
        found.is_closed = header.kind == FrameKind::closing;
        epoch_highest_ = std::max(epoch_highest_, header.epoch);
        // A mark proves the commits before it, also if their own frames are gone.
        last_known_ = std::max(last_known_, header.durable);
        if (!has_commits(header) || header.commits == 0) continue;
        // An earlier segment's versions of these commits were replaced.
        const auto first = frames_.lower_bound(header.first);
        frames_.erase(first, frames_.upper_bound(header.last()));
        frames_[header.first] = {.segment = segment,
                                 .offset = frame->offset,
                                 .bytes = header.bytes,
                                 .last = header.last()};
    }
}

Sequence SalvagedJournal::last() const noexcept {
    return frames_.empty() ? Sequence{} : frames_.rbegin()->second.last;
}

Sequence SalvagedJournal::begin_of_run(Sequence sequence) const noexcept {
    auto at = frames_.upper_bound(sequence);
    if (at == frames_.begin() || std::prev(at)->second.last < sequence) return next(sequence);
    Sequence first = (--at)->first;
    while (at != frames_.begin() && next(std::prev(at)->second.last) == first) {
        first = (--at)->first;
    }
    return first;
}

std::vector<std::string> SalvagedJournal::gaps(Sequence after) const {
    std::vector<std::string> gaps;
    Sequence expected = next(after);
    for (const auto& [first, place] : frames_) {
        if (place.last <= after) continue;
        if (first > expected) {
            gaps.push_back(fmt::format("commits {} to {} cannot be read from the journal",
                                       number(expected), number(first) - 1));
        }
        expected = std::max(expected, next(place.last));
    }
    if (lost_ != 0) {
        gaps.push_back(
            fmt::format("every commit after {} is lost: segment {} of the journal, the "
                        "last that is known, is missing",
                        number(expected) - 1, lost_));
    }
    return gaps;
}

void SalvagedJournal::replay(Sequence first, const std::function<void(const Entry&)>& visit) const {
    std::unique_ptr<File> file;
    std::size_t opened = segments_.size();
    for (const auto& [start, place] : frames_) {
        if (place.last < first) continue;
        if (opened != place.segment) {
            file = files_.open(segments_[place.segment].path, OpenFile::existing_read_only);
            opened = place.segment;
        }
        const Buffer frame = file->read_at(place.offset, place.bytes);
        const auto header = peek_frame(frame);
        if (!header || !verify_frame(*header, frame)) {
            throw Error{ErrorCode::corrupt,
                        fmt::format("{}, offset {}: changed while it was read",
                                    place_of(segments_[place.segment].path), place.offset)};
        }
        visit_frame(segments_[place.segment].path, *header, frame, Sequence{number(first) - 1},
                    visit);
    }
}

}  // namespace amphora::journal
