#include "outbox/key_index.hpp"

#include "base/assert.hpp"
#include "base/checksum.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace amphora::outbox {
namespace {

constexpr std::size_t count_min = 256;
constexpr std::size_t growth = 4;

/// The lower bits of the hash are the tag, and the upper ones say where a search begins.
std::uint16_t tag_of_key(std::uint64_t hash) noexcept {
    return static_cast<std::uint16_t>(hash);
}

}  // namespace

std::uint64_t KeyIndex::hash(Bytes key) noexcept {
    return checksum64(key);
}

void KeyIndex::grow(std::size_t keys) {
    const std::size_t parts = parts_count_.load(std::memory_order_relaxed);
    if (parts == parts_max) throw std::bad_alloc{};
    const std::size_t usual = parts == 0 ? count_min : growth * parts_[parts - 1].count;
    const std::size_t count = std::max(usual, 2 * keys);
    Part part;
    part.slots.reset(static_cast<Slot*>(std::calloc(count, sizeof(Slot))));
    part.count = count;
    if (!part.slots) throw std::bad_alloc{};
    parts_[parts] = std::move(part);
    room_ = count / 4 * 3;
    memory_bytes_ += count * sizeof(Slot);
    parts_count_.store(parts + 1, std::memory_order_release);
}

void KeyIndex::clear() noexcept {
    for (std::size_t part = parts_count_.load(std::memory_order_relaxed); part-- > 0;) {
        parts_[part] = {};
    }
    parts_count_.store(0, std::memory_order_relaxed);
    room_ = 0;
    memory_bytes_ = 0;
}

std::size_t KeyIndex::place_of(const Part& part, Bytes key, std::uint64_t hash) noexcept {
    std::size_t place = static_cast<std::size_t>((hash >> 32) * part.count >> 32);
    for (;;) {
        const Slot slot = load(part.slots[place]);
        if (slot == 0) return place;
        if (tag_of(slot) == tag_of_key(hash) && address_of<const Entry>(slot)->key() == key) {
            return place;
        }
        if (++place == part.count) place = 0;
    }
}

void KeyIndex::add(std::uint64_t hash, Entry& entry) noexcept {
    AMPHORA_ASSERT(is_taggable(&entry) && room_ > 0);
    Part& part = parts_[parts_count_.load(std::memory_order_relaxed) - 1];
    Slot& slot = part.slots[place_of(part, entry.key(), hash)];
    AMPHORA_ASSERT(load(slot) == 0);
    --room_;
    std::atomic_ref{slot}.store(tag_address(&entry, tag_of_key(hash)), std::memory_order_release);
}

}  // namespace amphora::outbox
