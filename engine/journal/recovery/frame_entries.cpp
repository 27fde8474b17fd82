#include "journal/recovery/frame_entries.hpp"

#include "journal/segment/segment_header.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::journal {

void FrameEntries::begin(const std::string& path, const FrameHeader& header, Bytes frame,
                         Sequence after) {
    clear();
    if (!has_commits(header) || header.last() <= after) return;
    if (!split_records(header, frame, records_)) {
        clear();
        throw Error{
            ErrorCode::corrupt,
            fmt::format("{}: the records of the frame of commit {} do not add up; restore the "
                        "file from a backup",
                        place_of(path), number(header.first))};
    }
    header_ = header;
    if (after >= header.first) at_ = number(after) - number(header.first) + 1;
}

void FrameEntries::clear() noexcept {
    records_.clear();
    at_ = 0;
}

std::optional<Entry> FrameEntries::next() noexcept {
    if (at_ == records_.size()) return std::nullopt;
    const Entry entry{.sequence = Sequence{number(header_.first) + at_},
                      .epoch = header_.epoch,
                      .chain = header_.checksum,
                      .time_us = header_.time_us,
                      .record = records_[at_]};
    ++at_;
    return entry;
}

}  // namespace amphora::journal
