#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "transaction/reading.hpp"

#include <cstddef>
#include <optional>

namespace amphora::transaction {

/// Calls `visit(key, value)` for the entries of a space from the key `from` on, or from the first
/// one if that is empty, and for `entries_max` at most. Returns the key to continue from; none when
/// all have been visited.
template <class Visit>
std::optional<Buffer> each_entry(const Reading& reading, TreeId tree, SpaceId space, Bytes from,
                                 std::size_t entries_max, Visit visit) {
    const codec::KeyWriter first{space};
    const auto cursor = reading.cursor(tree, first.bytes(), codec::prefix_end(first.bytes()));
    std::size_t entries = 0;
    for (cursor->seek(from.empty() ? first.bytes() : from); cursor->valid(); cursor->next()) {
        if (entries++ == entries_max) return Buffer{cursor->key()};
        visit(cursor->key(), cursor->value());
    }
    return std::nullopt;
}

}  // namespace amphora::transaction
