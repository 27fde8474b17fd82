#include "codec/key/ordered_key.hpp"

#include "base/assert.hpp"
#include "base/checksum.hpp"
#include "codec/bytes_io.hpp"

namespace amphora::codec {

namespace {

constexpr std::size_t bytes_max_least = 32;

std::size_t whole_bytes_max(std::size_t bytes_max) noexcept {
    AMPHORA_ASSERT(bytes_max >= bytes_max_least);
    return bytes_max - key_hash_bytes;
}

}  // namespace

Buffer prefix_end(Bytes prefix) {
    Buffer end{prefix};
    while (!end.empty() && end.back() == '\xFF') end.pop_back();
    if (!end.empty()) end.back() = static_cast<char>(end.back() + 1);
    return end;
}

bool limit_key(Buffer& key, std::size_t bytes_max) {
    const std::size_t whole_max = whole_bytes_max(bytes_max);
    if (key.size() <= whole_max) return false;
    const Hash128 hash = hash128(key);
    key.resize(bytes_max);
    store_big64(key.data() + whole_max, hash.high);
    store_big64(key.data() + whole_max + 8, hash.low);
    return true;
}

bool is_limited(Bytes key, std::size_t bytes_max) noexcept {
    return key.size() > whole_bytes_max(bytes_max);
}

Bytes limited_prefix(Bytes key, std::size_t bytes_max) noexcept {
    return key.substr(0, whole_bytes_max(bytes_max));
}

Buffer limit_lower(Bytes lower, std::size_t bytes_max) {
    return Buffer{limited_prefix(lower, bytes_max)};
}

Buffer limit_upper(Bytes upper, std::size_t bytes_max) {
    const Bytes prefix = limited_prefix(upper, bytes_max);
    return prefix.size() == upper.size() ? Buffer{upper} : prefix_end(prefix);
}

}  // namespace amphora::codec
