#include "journal/segment/successor_block.hpp"

#include "base/checksum.hpp"
#include "journal/segment/fields.hpp"

namespace amphora::journal {
namespace {

constexpr std::uint64_t magic = 0x43435553'48504d41;  // "AMPHSUCC"
constexpr std::size_t half_bytes = block_bytes / 2;
constexpr std::size_t fields_bytes = 4 * sizeof(std::uint64_t);

std::optional<Successor> decode_half(Bytes half, std::uint64_t salt) {
    std::uint64_t found_magic = 0, found_salt = 0, found_checksum = 0;
    Successor successor;
    FieldReader reader(half);
    reader.take(found_magic).take(found_salt).take(successor.number).take(successor.salt);
    reader.take(found_checksum);
    if (found_magic != magic || found_salt != salt) return std::nullopt;
    if (found_checksum != checksum64(half.substr(0, fields_bytes))) return std::nullopt;
    return successor;
}

}  // namespace

Buffer encode_successor(const Successor& successor, std::uint64_t salt) {
    Buffer half(half_bytes, '\0');
    FieldWriter writer(half.data());
    writer.put(magic).put(salt).put(successor.number).put(successor.salt);
    writer.put(checksum64(Bytes(half).substr(0, fields_bytes)));
    return half + half;
}

std::optional<Successor> decode_successor(Bytes blocks, std::uint64_t salt) {
    if (blocks.size() < successor_offset + block_bytes) return std::nullopt;
    const Bytes block = blocks.substr(successor_offset, block_bytes);
    const auto found = decode_half(block.substr(0, half_bytes), salt);
    return found ? found : decode_half(block.substr(half_bytes), salt);
}

void write_successor(File& file, std::uint64_t salt, const Successor& successor) {
    file.write_at(successor_offset, encode_successor(successor, salt));
    file.sync();
}

}  // namespace amphora::journal
