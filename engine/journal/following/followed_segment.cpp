#include "journal/following/followed_segment.hpp"

#include "journal/following/overtaken.hpp"
#include "journal/following/present_file.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

/// How far a gap is looked for. Frames that follow one that is missing come directly after it.
constexpr std::uint64_t gap_bytes = 1u << 20;
constexpr int looks_max = 3;

std::unique_ptr<File> require_file(FileSystem& files, const std::string& path) {
    if (auto file = find_file(files, path)) return file;
    throw Overtaken(fmt::format("{}: has vanished while it was read", place_of(path)));
}

}  // namespace

FollowedSegment::FollowedSegment(FileSystem& files, FoundSegment found)
    : files_{files}, found_{std::move(found)}, file_{require_file(files, found_.path)} {
    scan_.emplace(*file_, found_.header);
}

std::optional<SegmentReader::Frame> FollowedSegment::next() {
    auto frame = scan_->next();
    // The owner may write while the file is read: a later frame may be seen without the one before.
    for (int looks = 1; !frame && is_after_a_gap(); ++looks) {
        if (looks > looks_max) raise("a frame is missing, although it has been followed");
        look_again();
        frame = scan_->next();
    }
    if (is_at_end()) require_chain_of(*end_);
    return frame;
}

bool FollowedSegment::is_after_a_gap() {
    return end_ ? position() < end_->end : scan_->has_frame_within(gap_bytes);
}

std::optional<Successor> FollowedSegment::successor() const {
    const auto file = require_file(files_, found_.path);
    const Buffer blocks = file->read_at(0, header_bytes);
    if (decode_header(blocks, found_.path) != found_.header) {
        raise("has been recycled while it was read");
    }
    if (file->size() < std::max(found_.header.file_bytes, position())) {
        raise("is shorter than its header says");
    }
    return decode_successor(blocks, found_.header.salt);
}

void FollowedSegment::end_at(const SegmentHeader::Link& link) {
    if (link.number != found_.header.number || link.salt != found_.header.salt) {
        raise("has been replaced by a new opening");
    }
    if (link.end < position()) raise("frames that were read have been cut by a new opening");
    end_ = link;
    scan_->read_up_to(link.end);
    if (is_at_end()) require_chain_of(link);
}

void FollowedSegment::require_chain_of(const SegmentHeader::Link& link) const {
    if (chain() == link.chain) return;
    raise("the next segment continues another chain of frames");
}

void FollowedSegment::raise(const std::string& what) const {
    throw Overtaken(fmt::format("{}, offset {}: {}", place_of(found_.path), position(), what));
}

}  // namespace amphora::journal
