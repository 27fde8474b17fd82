#include "journal/segment/segment_header.hpp"

#include "base/checksum.hpp"
#include "journal/segment/fields.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

constexpr std::uint64_t magic = 0x4c4e524a48504d41;  // "AMPHJRNL"
constexpr std::size_t checksum_at = block_bytes - sizeof(std::uint64_t);

std::optional<SegmentHeader> decode_block(Bytes block, const std::string& path) {
    std::uint64_t found_magic = 0, found_checksum = 0;
    std::uint32_t format = 0;
    FieldReader(block.substr(checksum_at)).take(found_checksum);
    FieldReader reader(block);
    reader.take(found_magic).take(format);
    if (found_magic != magic || found_checksum != checksum64(block.substr(0, checksum_at))) {
        return std::nullopt;
    }
    if (format > format_newest) {
        throw Error{
            ErrorCode::newer_format,
            fmt::format("{}: format {} is newer than the {} that this version of the library "
                        "knows; open the database with a newer version",
                        place_of(path), format, format_newest)};
    }
    if (format < format_newest) {
        throw Error{
            ErrorCode::unsupported,
            fmt::format("{}: format {} is older than the {} that this version of the library "
                        "reads; dump the database with the version that wrote it and load it here",
                        place_of(path), format, format_newest)};
    }
    SegmentHeader header;
    reader.take(header.identity).take(header.epoch).take(header.nonce);
    reader.take(header.number).take(header.salt);
    reader.take(header.prior.epoch).take(header.prior.sequence).take(header.prior.chain);
    reader.take(header.prior_time_us);
    reader.take(header.predecessor.number).take(header.predecessor.salt);
    reader.take(header.predecessor.end).take(header.predecessor.chain);
    reader.take(header.copies_end).take(header.file_bytes);
    return header;
}

}  // namespace

Buffer encode(const SegmentHeader& header, std::uint32_t format) {
    Buffer block(block_bytes, '\0');
    FieldWriter writer(block.data());
    writer.put(magic).put(format);
    writer.put(header.identity).put(header.epoch).put(header.nonce);
    writer.put(header.number).put(header.salt);
    writer.put(header.prior.epoch).put(header.prior.sequence).put(header.prior.chain);
    writer.put(header.prior_time_us);
    writer.put(header.predecessor.number).put(header.predecessor.salt);
    writer.put(header.predecessor.end).put(header.predecessor.chain);
    writer.put(header.copies_end).put(header.file_bytes);
    FieldWriter(block.data() + checksum_at).put(checksum64(Bytes(block).substr(0, checksum_at)));
    return block + block + Buffer(header_bytes - header_copies_bytes, '\0');
}

std::optional<SegmentHeader> decode_header(Bytes blocks, const std::string& path) {
    std::optional<SegmentHeader> newest;
    for (std::size_t at = 0; at + block_bytes <= blocks.size() && at < header_copies_bytes;
         at += block_bytes) {
        const auto header = decode_block(blocks.substr(at, block_bytes), path);
        if (header && (!newest || header->number > newest->number)) newest = header;
    }
    return newest;
}

std::string place_of(const std::string& path) {
    const std::size_t name = path.rfind('/');
    if (name == std::string::npos || name == 0) return path;
    const std::size_t folder = path.rfind('/', name - 1);
    return folder == std::string::npos ? path : path.substr(folder + 1);
}

}  // namespace amphora::journal
