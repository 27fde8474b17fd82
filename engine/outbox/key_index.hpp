#pragma once

#include "base/bytes.hpp"
#include "base/tagged_address.hpp"
#include "outbox/skip_list.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace amphora::outbox {

/// Finds the entry of each key of a pending table in a few steps. A search of the table's list takes
/// about twenty, each to memory that is not in a cache; and a unique index is asked for new keys all
/// the time, which would search every undelivered table in vain.
///
/// Hash tables with linear probing. When one is full the next, four times as large, takes the keys
/// that follow, so nothing is ever moved while others read. Most keys are in the largest, and the
/// small ones stay in the processor's caches. A slot is the address of an entry with 16 bits of its
/// key's hash, so that other keys are rarely looked at; or null.
///
/// Threads: one reserves and adds, any number read. An entry is complete before it is added.
class KeyIndex {
  public:
    using Entry = SkipList::Entry;

    [[nodiscard]] static std::uint64_t hash(Bytes key) noexcept;

    /// Makes room for `keys` more keys. Throws `std::bad_alloc` with nothing changed.
    void reserve(std::size_t keys) {
        if (keys > room_) [[unlikely]] {
            grow(keys);
        }
    }
    /// Forgets every key. Nobody may be reading it.
    void clear() noexcept;
    /// The entry's key was not added before; `hash` is the key's. Room must be reserved.
    void add(std::uint64_t hash, Entry& entry) noexcept;
    /// Null: no entry with that key was added.
    [[nodiscard]] Entry* find(Bytes key, std::uint64_t hash) const noexcept {
        for (std::size_t part = parts_count_.load(std::memory_order_acquire); part-- > 0;) {
            const Slot found = load(parts_[part].slots[place_of(parts_[part], key, hash)]);
            if (found != 0) return address_of<Entry>(found);
        }
        return nullptr;
    }
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return memory_bytes_; }

  private:
    using Slot = TaggedAddress;
    struct Free {
        void operator()(Slot* slots) const noexcept { std::free(slots); }
    };
    struct Part {
        std::unique_ptr<Slot[], Free> slots;  ///< a quarter of them is empty
        std::size_t count = 0;
    };
    static constexpr std::size_t parts_max = 16;

    [[nodiscard]] static Slot load(Slot& slot) noexcept {
        return std::atomic_ref{slot}.load(std::memory_order_acquire);
    }
    /// The slot of the key in a part, or the empty one where it would be.
    [[nodiscard]] static std::size_t place_of(const Part& part, Bytes key,
                                              std::uint64_t hash) noexcept;
    void grow(std::size_t keys);

    std::array<Part, parts_max> parts_;
    std::atomic<std::size_t> parts_count_{0};
    std::size_t room_ = 0;  ///< in the last part
    std::size_t memory_bytes_ = 0;
};

}  // namespace amphora::outbox
