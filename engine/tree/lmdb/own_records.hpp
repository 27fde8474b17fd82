#pragma once

#include "base/bytes.hpp"
#include "tree/lmdb/environment.hpp"
#include "tree/lmdb/space_digest.hpp"

#include <optional>

/// What the tree keeps about itself, read back; each record verified as every entry is.
namespace amphora::lmdb {

[[nodiscard]] std::optional<Buffer> find_mark_record(const Reading& reading);
[[nodiscard]] SpaceDigests read_digests(const Reading& reading);

}  // namespace amphora::lmdb
