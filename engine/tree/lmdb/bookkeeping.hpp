#pragma once

#include "base/bytes.hpp"
#include "tree/lmdb/environment.hpp"
#include "tree/lmdb/space_digest.hpp"

#include <optional>

/// The records that the tree keeps about itself, read back; each is verified like every entry.
namespace amphora::lmdb {

[[nodiscard]] std::optional<Buffer> find_mark_record(const Reading& reading);
[[nodiscard]] SpaceDigests read_digests(const Reading& reading);

}  // namespace amphora::lmdb
