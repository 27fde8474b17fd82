#include "journal/archive/part_walk.hpp"

#include <amphora/error.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace amphora::journal {

PartWalk::PartWalk(FileSystem& files, const ArchivedChain::Part& part)
    : part_{part},
      readable_bytes_{std::min(part.extent, part.copy.bytes)},
      file_{files.open(part.copy.path, OpenFile::existing_read_only)},
      reader_{*file_, part.copy.header},
      end_{part.copy.header.prior} {
    reader_.read_up_to(readable_bytes_);
}

std::optional<SegmentReader::Frame> PartWalk::next() {
    if (end_.sequence >= part_.until) return std::nullopt;
    if (reader_.position() >= readable_bytes_) return std::nullopt;
    auto frame = reader_.next();
    if (!frame) {
        throw Error{ErrorCode::corrupt,
                    fmt::format("{}, offset {}: a frame does not verify; last good commit is {}; "
                                "use another copy of the segment",
                                part_.copy.path, reader_.position(), number(end_.sequence))};
    }
    if (has_commits(frame->header)) {
        if (frame->header.first != amphora::next(end_.sequence)) {
            throw Error{ErrorCode::corrupt,
                        fmt::format("{}, offset {}: commit {} follows commit {}; use another copy "
                                    "of the segment",
                                    part_.copy.path, frame->offset, number(frame->header.first),
                                    number(end_.sequence))};
        }
        end_ = {.epoch = frame->header.epoch,
                .sequence = std::min(frame->header.last(), part_.until),
                .chain = frame->header.checksum};
    }
    return frame;
}

}  // namespace amphora::journal
