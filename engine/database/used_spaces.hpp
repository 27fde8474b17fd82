#pragma once

#include "base/ids.hpp"
#include "codec/bytes_io.hpp"
#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "transaction/reading.hpp"

#include <set>

namespace amphora {

/// The spaces of one tree that hold something.
[[nodiscard]] inline std::set<SpaceId> used_spaces(const transaction::Reading& reading,
                                                   TreeId tree) {
    std::set<SpaceId> used;
    const auto cursor = reading.cursor(tree, codec::KeyWriter{space_first_free}.bytes(), {});
    for (cursor->seek_first(); cursor->valid();) {
        const SpaceId space{codec::load_big32(cursor->key().data())};
        used.insert(space);
        const Buffer next = codec::prefix_end(codec::KeyWriter{space}.bytes());
        if (next.empty()) break;
        cursor->seek(next);
    }
    return used;
}

}  // namespace amphora
