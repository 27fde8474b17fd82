#include "journal/following/seen_segments.hpp"

#include "journal/following/overtaken.hpp"
#include "journal/following/present_file.hpp"
#include "journal/recovery/survey.hpp"
#include "journal/segment/successor_block.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace amphora::journal {

SeenSegments::SeenSegments(FileSystem& files, const std::string& directory,
                           const Identity& identity) {
    for (const std::string& path : segment_paths(files, directory)) {
        const auto file = find_file(files, path);
        if (!file) continue;
        const Buffer blocks = file->read_at(0, header_bytes);
        const auto header = decode_header(blocks, path);
        if (!header) continue;
        if (header->identity != identity) {
            throw Overtaken(fmt::format("{}: belongs to another database or another timeline now",
                                        place_of(path)));
        }
        const auto successor = decode_successor(blocks, header->salt);
        if (successor) named_highest_ = std::max(named_highest_, successor->number);
        by_number_.insert_or_assign(header->number, FoundSegment{.path = path, .header = *header});
    }
}

const FoundSegment* SeenSegments::find(std::uint64_t number, std::uint64_t salt) const {
    const auto found = by_number_.find(number);
    if (found == by_number_.end() || found->second.header.salt != salt) return nullptr;
    return &found->second;
}

std::vector<FoundSegment> SeenSegments::chain() const {
    if (by_number_.empty()) throw Overtaken("the journal: no segment with a header was seen");
    const FoundSegment* at = &by_number_.rbegin()->second;
    if (named_highest_ > at->header.number) {
        throw Overtaken(
            fmt::format("the journal: segment {} is named by another one and was not "
                        "seen; the newest that was seen is {}",
                        named_highest_, at->header.number));
    }
    std::vector<FoundSegment> chain;
    while (at != nullptr) {
        chain.push_back(*at);
        const SegmentHeader::Link& link = at->header.predecessor;
        at = link.number == 0 ? nullptr : find(link.number, link.salt);
    }
    std::reverse(chain.begin(), chain.end());
    return chain;
}

}  // namespace amphora::journal
