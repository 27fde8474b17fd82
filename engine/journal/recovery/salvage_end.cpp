#include "journal/recovery/salvage.hpp"
#include "journal/segment/fields.hpp"
#include "journal/segment/frame.hpp"
#include "journal/segment/segment_header.hpp"

#include <fmt/format.h>

#include <optional>

namespace amphora::journal {

namespace {

/// The offset of something that was a frame of this segment: it has the segment's salt, or follows
/// the last frame. One damaged place does not change both.
std::optional<std::uint64_t> find_lost_frame(Bytes file, std::uint64_t from, std::uint64_t salt,
                                             std::uint64_t previous) {
    for (; from + frame_header_bytes <= file.size(); from += frame_alignment) {
        std::uint64_t checksum = 0, own_salt = 0, own_previous = 0;
        FieldReader{file.substr(from)}.take(checksum).take(own_salt).take(own_previous);
        if (own_salt == salt || own_previous == previous) return from;
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::string> SalvagedJournal::doubts_about_end(SegmentFiles kind) const {
    if (segments_.empty()) return {"the journal has no segment that can be read"};
    const Segment& newest = segments_.back();
    if (newest.is_closed) return {};
    std::vector<std::string> doubts;
    const auto file = files_.open(newest.path, OpenFile::existing_read_only);
    const std::uint64_t bytes = file->size();
    if (bytes < newest.file_bytes && kind == SegmentFiles::own) {
        doubts.push_back(fmt::format("{} is {} bytes long instead of {}", place_of(newest.path),
                                     bytes, newest.file_bytes));
    }
    const Buffer whole = file->read_at(0, static_cast<std::size_t>(bytes));
    if (const auto lost =
            find_lost_frame(whole, newest.reached, newest.salt, newest.checksum_reached)) {
        doubts.push_back(
            fmt::format("{}, offset {}: a frame does not verify", place_of(newest.path), *lost));
    }
    return doubts;
}

}  // namespace amphora::journal
