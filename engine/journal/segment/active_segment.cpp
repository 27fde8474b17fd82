#include "journal/segment/active_segment.hpp"

#include "base/assert.hpp"
#include "journal/segment/successor_block.hpp"

namespace amphora::journal {

ActiveSegment::ActiveSegment(std::unique_ptr<File> file, const SegmentHeader& header)
    : file_{std::move(file)},
      header_{header},
      commits_end_{file_->size() / block_bytes * block_bytes - marks_bytes},
      chain_{header.salt} {
    AMPHORA_ASSERT(commits_end_ > header_bytes);
    header_.file_bytes = file_->size();
}

void ActiveSegment::write_header() {
    file_->write_at(0, Bytes(encode(header_)).substr(0, header_copies_bytes));
    bytes_written_ += header_copies_bytes;
    file_->sync();
}

void ActiveSegment::wipe_header() {
    file_->write_at(0, Buffer(header_copies_bytes, '\0'));
    file_->sync();
}

void ActiveSegment::name_successor(const SegmentHeader& successor) {
    write_successor(*file_, header_.salt, {.number = successor.number, .salt = successor.salt});
    bytes_written_ += block_bytes;
}

void ActiveSegment::write(FrameBuilder& builder, FrameHeader& header) {
    const std::uint64_t offset = next_offset();
    header.salt = header_.salt;
    header.previous = chain_;
    header.segment = header_.number;
    const Bytes bytes = builder.finish(header, offset);
    AMPHORA_ASSERT(offset + bytes.size() <= file_bytes());
    file_->write_at(offset, bytes);
    bytes_written_ += bytes.size();
    end_ = position_ = offset + header.bytes;
    chain_ = header.checksum;
}

void ActiveSegment::begin_block() noexcept {
    position_ = to_block(position_);
}

void ActiveSegment::sync() {
    file_->sync();
}

}  // namespace amphora::journal
