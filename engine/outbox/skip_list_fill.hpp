#pragma once

#include "outbox/skip_list.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace amphora::outbox {

/// Fills a list that nobody reads yet. Entries are put down in the order in which they come and are
/// sorted and linked once, which takes a fraction of what as many searches for their places take:
/// what a database that was killed has pending is millions of them, and somebody waits.
class SkipListFill {
  public:
    /// `list` is empty, and outlives this.
    explicit SkipListFill(SkipList& list) : list_{list} {}

    /// Stamps of one key come in rising order. Throws `std::bad_alloc`, and then the list is of no
    /// use.
    void add(Bytes key, std::uint64_t stamp, std::optional<Bytes> value);
    /// From here on the list is as if each entry had been inserted.
    void finish() noexcept;

  private:
    /// The first 23 bytes of the key as numbers in the order of the bytes, zeros behind its end,
    /// and in the 24th its length, or 255 if it is longer: only then a tie says nothing.
    struct Handle {
        std::array<std::uint64_t, 3> words;
        SkipList::Node* node;
    };
    [[nodiscard]] static Handle handle_of(SkipList::Node* node) noexcept;
    [[nodiscard]] static bool is_before(const Handle& left, const Handle& right) noexcept;

    SkipList& list_;
    std::vector<Handle> handles_;
};

}  // namespace amphora::outbox
