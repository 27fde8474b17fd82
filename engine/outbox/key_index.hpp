#pragma once

#include "base/bytes.hpp"
#include "base/tagged_address.hpp"
#include "outbox/skip_list.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace amphora::outbox {

/// Finds the newest version of each key of a pending table in one or two steps. A search of the
/// table's list takes about twenty, each to memory that is not in a cache; and a unique index is
/// asked for new keys all the time, which would search every undelivered table in vain.
///
/// A hash table with linear probing, of a fixed size. A slot is the address of a node with 16 bits
/// of its key's hash, so that other keys are rarely looked at; or null.
///
/// Threads: one adds, any number read. A node is complete and in its list before it is added.
class KeyIndex {
  public:
    using Node = SkipList::Node;

    /// For about `keys` keys, with about eleven bytes for each. Further keys are not added.
    explicit KeyIndex(std::size_t keys);

    [[nodiscard]] static std::uint64_t hash(Bytes key) noexcept;
    /// `node` is newer than every version of its key that was added. `hash` is the key's.
    void add(std::uint64_t hash, const Node& node) noexcept;
    /// The newest version of a key. Null: none was added.
    [[nodiscard]] const Node* find(Bytes key, std::uint64_t hash) const noexcept {
        const std::size_t place = place_of(key, hash);
        return place == none ? nullptr : address_of<const Node>(load(place));
    }
    /// False: some of the added keys are not found, because there was no room. It is false before
    /// the first such key is visible to a reader.
    [[nodiscard]] bool is_complete() const noexcept {
        return is_complete_.load(std::memory_order_relaxed);
    }
    /// What is really taken, at most: a page for each key, until there are no more pages.
    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        constexpr std::size_t page_bytes = 4096;
        return std::min(count_ * sizeof(Slot), used_ * page_bytes);
    }

  private:
    using Slot = TaggedAddress;
    struct Free {
        void operator()(Slot* slots) const noexcept { std::free(slots); }
    };
    static constexpr std::size_t none = SIZE_MAX;

    /// The lower bits of the hash are the tag, and the upper ones say where a search begins.
    [[nodiscard]] static std::uint16_t tag_of_key(std::uint64_t hash) noexcept {
        return static_cast<std::uint16_t>(hash);
    }
    [[nodiscard]] std::size_t first_place(std::uint64_t hash) const noexcept {
        return static_cast<std::size_t>((hash >> 32) * count_ >> 32);
    }
    [[nodiscard]] Slot load(std::size_t place) const noexcept {
        return std::atomic_ref{slots_[place]}.load(std::memory_order_acquire);
    }
    [[nodiscard]] std::size_t after(std::size_t place) const noexcept {
        return place + 1 == count_ ? 0 : place + 1;
    }
    [[nodiscard]] std::size_t place_of(Bytes key, std::uint64_t hash) const noexcept;

    std::size_t count_;
    std::size_t used_ = 0;
    std::atomic<bool> is_complete_{true};
    std::unique_ptr<Slot[], Free> slots_;  ///< at least one is empty
};

}  // namespace amphora::outbox
