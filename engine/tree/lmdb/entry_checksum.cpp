#include "tree/lmdb/entry_checksum.hpp"

#include "tree/mark_record.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::lmdb {

Bytes verified(Bytes key, Bytes stored, const std::string& path) {
    if (!entry_verifies(key, stored)) [[unlikely]] {
        throw Error{ErrorCode::corrupt,
                    fmt::format("{}: the checksum of the entry {} does not match; run a check and "
                                "restore the tree from a backup",
                                path, tree::to_hex(key))};
    }
    return without_checksum(stored);
}

}  // namespace amphora::lmdb
