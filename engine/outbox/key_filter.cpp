#include "outbox/key_filter.hpp"

#include "base/checksum.hpp"

#include <algorithm>

namespace amphora::outbox {
namespace {

constexpr std::size_t keys_of_block = 48;  // in 512 bits: about one in fifty is unsure
constexpr std::size_t blocks_max = std::size_t{1} << 19;  // what the hash can choose from

}  // namespace

KeyFilter::KeyFilter(std::size_t keys)
    : count_{std::clamp<std::size_t>(keys / keys_of_block, 1, blocks_max)},
      blocks_{std::make_unique<Block[]>(count_)} {}

std::uint64_t KeyFilter::hash(Bytes key) noexcept {
    return checksum64(key);
}

}  // namespace amphora::outbox
