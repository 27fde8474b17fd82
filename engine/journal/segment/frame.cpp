#include "journal/segment/frame.hpp"

#include "base/assert.hpp"
#include "base/checksum.hpp"
#include "journal/segment/fields.hpp"
#include "journal/segment/segment_header.hpp"

namespace amphora::journal {
namespace {

constexpr std::uint32_t magic = 0x4d724600;  // "\0FrM": the lowest byte is the kind
constexpr std::uint32_t magic_mask = 0xffffff00;
constexpr std::size_t buffer_bytes_kept = 4u << 20;
constexpr std::size_t checksum_bytes = sizeof(std::uint64_t);

}  // namespace

std::uint64_t frame_blocks_of(std::size_t record_bytes) noexcept {
    return to_block(frame_header_bytes + record_header_bytes + record_bytes);
}

std::optional<FrameHeader> peek_frame(Bytes bytes) noexcept {
    if (bytes.size() < frame_header_bytes) return std::nullopt;
    FrameHeader header;
    std::uint32_t kind = 0;
    FieldReader reader(bytes);
    reader.take(header.checksum).take(header.salt).take(header.previous);
    reader.take(header.bytes).take(kind).take(header.segment).take(header.epoch);
    reader.take(header.first).take(header.commits).take(header.durable_offset);
    reader.take(header.durable).take(header.time_us);
    if ((kind & magic_mask) != magic) return std::nullopt;
    if ((kind & ~magic_mask) > static_cast<std::uint32_t>(FrameKind::closing)) return std::nullopt;
    if (header.bytes < frame_header_bytes) return std::nullopt;
    header.kind = static_cast<FrameKind>(kind & ~magic_mask);
    return header;
}

bool verify_frame(const FrameHeader& header, Bytes frame) noexcept {
    return frame.size() == header.bytes &&
           checksum64(frame.substr(checksum_bytes), header.previous) == header.checksum;
}

bool split_records(const FrameHeader& header, Bytes frame, std::vector<Bytes>& records) {
    records.clear();
    frame.remove_prefix(frame_header_bytes);
    for (std::uint32_t i = 0; i < header.commits; ++i) {
        std::uint32_t bytes = 0;
        if (frame.size() < record_header_bytes) return false;
        FieldReader(frame).take(bytes);
        frame.remove_prefix(record_header_bytes);
        if (frame.size() < bytes) return false;
        records.push_back(frame.substr(0, bytes));
        frame.remove_prefix(bytes);
    }
    return frame.empty();
}

void FrameBuilder::begin() {
    if (buffer_.capacity() > buffer_bytes_kept) Buffer{}.swap(buffer_);
    buffer_.assign(frame_header_bytes, '\0');
}

void FrameBuilder::add(Bytes record) {
    char length[record_header_bytes];
    FieldWriter(length).put(static_cast<std::uint32_t>(record.size()));
    buffer_.append(length, sizeof length);
    buffer_.append(record);
}

Bytes FrameBuilder::finish(FrameHeader& header, std::uint64_t offset) {
    AMPHORA_ASSERT(buffer_.size() >= frame_header_bytes && buffer_.size() <= UINT32_MAX);
    header.bytes = static_cast<std::uint32_t>(buffer_.size());
    FieldWriter writer(buffer_.data() + checksum_bytes);
    writer.put(header.salt).put(header.previous).put(header.bytes);
    writer.put(magic | static_cast<std::uint32_t>(header.kind));
    writer.put(header.segment).put(header.epoch).put(header.first).put(header.commits);
    writer.put(header.durable_offset).put(header.durable).put(header.time_us);
    header.checksum = checksum64(Bytes(buffer_).substr(checksum_bytes), header.previous);
    FieldWriter(buffer_.data()).put(header.checksum);
    buffer_.resize(to_block(offset + header.bytes) - offset, '\0');
    return buffer_;
}

}  // namespace amphora::journal
