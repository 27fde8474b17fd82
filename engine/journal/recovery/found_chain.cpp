#include "journal/recovery/found_chain.hpp"

#include "journal/recovery/survey.hpp"
#include "journal/segment/frame.hpp"
#include "journal/segment/successor_block.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

[[noreturn]] void foreign(const std::string& path, const std::string& what) {
    throw Error{
        ErrorCode::foreign_piece,
        fmt::format("{}: {}; put back the journal folder that belongs to this database, whole "
                    "and from one moment",
                    place_of(path), what)};
}

void require_identity(const FoundSegment& found, const Identity& identity) {
    if (found.header.identity.database != identity.database) {
        foreign(found.path, fmt::format("this segment belongs to database {}, not to {}",
                                        to_string(found.header.identity.database),
                                        to_string(identity.database)));
    }
    if (found.header.identity.timeline != identity.timeline) {
        foreign(found.path,
                fmt::format(
                    "this segment belongs to timeline {} of the database, which is now in {} (a "
                    "restore is between)",
                    to_string(found.header.identity.timeline), to_string(identity.timeline)));
    }
}

/// Every header is unique: one number, and one nonce for each epoch.
void require_unmixed(const std::vector<FoundSegment>& found) {
    std::map<std::uint64_t, const FoundSegment*> by_number;
    std::map<Epoch, const FoundSegment*> by_epoch;
    for (const FoundSegment& segment : found) {
        const auto [same_number, first] = by_number.emplace(segment.header.number, &segment);
        if (!first) {
            foreign(segment.path, fmt::format("has number {}, as {} has", segment.header.number,
                                              place_of(same_number->second->path)));
        }
        const auto [same_epoch, new_epoch] = by_epoch.emplace(segment.header.epoch, &segment);
        if (!new_epoch && same_epoch->second->header.nonce != segment.header.nonce) {
            foreign(segment.path,
                    fmt::format("and {} come from two copies of the database that were both opened",
                                place_of(same_epoch->second->path)));
        }
    }
}

/// The number of a segment without a readable header, from its first frame. Copied frames are
/// written before their header and prove nothing; an ordinary frame proves that a header was
/// synced.
std::uint64_t number_in_frames(const File& file) {
    const auto frame = peek_frame(file.read_at(header_bytes, frame_header_bytes));
    return frame && frame->kind != FrameKind::copied ? frame->segment : 0;
}

/// Moves a segment, the one that it is linked to, and so on, out of `by_number`; oldest first.
std::vector<FoundSegment> follow_links(std::map<std::uint64_t, FoundSegment>& by_number,
                                       std::uint64_t number) {
    std::vector<FoundSegment> segments;
    for (auto at = by_number.find(number); at != by_number.end();) {
        const SegmentHeader::Link link = at->second.header.predecessor;
        segments.push_back(std::move(at->second));
        by_number.erase(at);
        at = by_number.find(link.number);
        if (at != by_number.end() && at->second.header.salt != link.salt) break;  // an earlier life
    }
    std::reverse(segments.begin(), segments.end());
    return segments;
}

void note_successor(FoundChain& chain, const FoundSegment& segment, Bytes blocks) {
    const auto successor = decode_successor(blocks, segment.header.salt);
    if (!successor || successor->number <= chain.lost) return;
    chain.lost = successor->number;
    chain.lost_after = segment.path;
}

}  // namespace

FoundChain find_chain(FileSystem& files, const std::string& directory, const Identity& identity,
                      AtDamage at_damage) {
    FoundChain chain;
    std::vector<FoundSegment> found;
    std::map<std::string, std::uint64_t> headless;
    for (const std::string& path : segment_paths(files, directory)) {
        const auto file = files.open(path, OpenFile::existing_read_only);
        const Buffer blocks = file->read_at(0, header_bytes);
        const auto header = decode_header(blocks, path);
        if (!header) {
            const std::uint64_t number = number_in_frames(*file);
            headless.emplace(path, number);
            // Recycling leaves zeros; anything else was a header.
            const Bytes copies = Bytes(blocks).substr(0, header_copies_bytes);
            const bool wiped = copies.find_first_not_of('\0') == Bytes::npos;
            if (number != 0 && !wiped) chain.damaged.push_back(path);
            continue;
        }
        found.push_back({.path = path, .header = *header});
        require_identity(found.back(), identity);
        chain.epoch_highest = std::max(chain.epoch_highest, header->epoch);
        chain.number_highest = std::max(chain.number_highest, header->number);
        note_successor(chain, found.back(), blocks);
    }
    if (found.empty()) {
        throw Error{
            ErrorCode::corrupt,
            fmt::format("{}: no segment with a readable header; restore the journal folder from a "
                        "backup",
                        place_of(directory + "/"))};
    }
    require_unmixed(found);
    if (chain.lost <= chain.number_highest) chain.lost = 0;
    for (const auto& [path, number] : headless) {
        if (number <= chain.number_highest) continue;
        chain.damage.push_back(fmt::format(
            "{}, offset 0: the header of the newest segment does not verify", place_of(path)));
        chain.lost = 0;  // it is this one
        if (at_damage == AtDamage::refuse) throw Error{ErrorCode::corrupt, chain.damage.back()};
    }

    std::map<std::uint64_t, FoundSegment> by_number;
    for (FoundSegment& segment : found) {
        by_number.emplace(segment.header.number, std::move(segment));
    }
    chain.segments = follow_links(by_number, chain.number_highest);
    if (at_damage == AtDamage::end && !by_number.empty()) {
        chain.before_gap = follow_links(by_number, by_number.rbegin()->first);
    }
    for (auto& [number, segment] : by_number) chain.outside.push_back(std::move(segment.path));
    for (const auto& [path, number] : headless) chain.headless.push_back(path);
    return chain;
}

void end_before_gap(FoundChain& chain, std::span<const Mark> marks) {
    if (chain.before_gap.empty()) return;
    const Sequence oldest = chain.before_gap.front().header.prior.sequence;
    const FoundSegment& after_gap = chain.segments.front();
    const auto lacks_some = [&](const Mark& mark) {
        return mark.sequence >= oldest && mark.sequence < after_gap.header.prior.sequence;
    };
    if (std::none_of(marks.begin(), marks.end(), lacks_some)) return;
    chain.damage.push_back(
        fmt::format("{}: the segment before this one is missing or its header does not verify; "
                    "this one and what follows are left out",
                    place_of(after_gap.path)));
    chain.segments = std::move(chain.before_gap);
}

}  // namespace amphora::journal
