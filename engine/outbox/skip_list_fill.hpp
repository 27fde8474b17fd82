#pragma once

#include "outbox/skip_list.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace amphora::outbox {

/// Fills a list that nobody reads yet, and that is empty. Entries are stored in the order in which they come, and are
/// sorted and linked once, which takes a fraction of the time of as many searches. A database that
/// was killed has millions of them to fill, and the caller of `open` waits.
class SkipListFill {
  public:
    /// `list` is empty, and outlives this object.
    explicit SkipListFill(SkipList& list) : list_{list} {}

    /// Each key comes once; `SkipList::add` takes its later versions, before or after `finish`. Throws
    /// `std::bad_alloc`; the list cannot be used after that. The entry has no links before `finish`.
    SkipList::Entry& add(Bytes key, std::uint64_t stamp, std::optional<Bytes> value);
    /// After this the list is as if each entry had been inserted.
    void finish() noexcept;

  private:
    /// The first 23 bytes of the key as numbers in the order of the bytes, with zeros after its
    /// end; in the 24th byte its length, or 255 if it is longer. Equal handles of keys that are
    /// longer need a comparison of the keys.
    struct Handle {
        std::array<std::uint64_t, 3> words;
        SkipList::Entry* entry;
    };
    [[nodiscard]] static Handle handle_of(SkipList::Entry* entry) noexcept;
    [[nodiscard]] static bool is_before(const Handle& left, const Handle& right) noexcept;

    SkipList& list_;
    std::vector<Handle> handles_;
};

}  // namespace amphora::outbox
