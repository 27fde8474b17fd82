#include "outbox/key_index.hpp"

#include "base/assert.hpp"
#include "base/checksum.hpp"

#include <new>

namespace amphora::outbox {
namespace {

constexpr std::size_t count_min = 64;
/// 128 MiB of addresses: a bound without limit must not ask for more than a machine has.
constexpr std::size_t count_max = std::size_t{1} << 24;

}  // namespace

// Zeroed pages from the operating system are taken only when they are touched, and most tables are
// delivered before they are full.
KeyIndex::KeyIndex(std::size_t keys)
    : count_{std::clamp(keys + keys / 3, count_min, count_max)},
      slots_{static_cast<Slot*>(std::calloc(count_, sizeof(Slot)))} {
    if (!slots_) throw std::bad_alloc{};
}

std::uint64_t KeyIndex::hash(Bytes key) noexcept {
    return checksum64(key);
}

/// Where the key is; `none` at the first empty slot.
std::size_t KeyIndex::place_of(Bytes key, std::uint64_t hash) const noexcept {
    for (std::size_t place = first_place(hash);; place = after(place)) {
        const Slot slot = load(place);
        if (slot == 0) return none;
        if (tag_of(slot) == tag_of_key(hash) && address_of<const Node>(slot)->key() == key) {
            return place;
        }
    }
}

void KeyIndex::add(std::uint64_t hash, const Node& node) noexcept {
    AMPHORA_ASSERT(is_taggable(&node));
    std::size_t place = place_of(node.key(), hash);
    if (place == none) {
        if (used_ == count_ / 8 * 7) {
            is_complete_.store(false, std::memory_order_relaxed);
            return;
        }
        ++used_;
        place = first_place(hash);
        while (load(place) != 0) place = after(place);
    }
    std::atomic_ref{slots_[place]}.store(tag_address(&node, tag_of_key(hash)),
                                         std::memory_order_release);
}

}  // namespace amphora::outbox
