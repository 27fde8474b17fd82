#pragma once

#include "base/bytes.hpp"

#include <string_view>

#include <lmdb.h>

/// Turns the status of every LMDB call into an error.
namespace amphora::lmdb {

/// Throws what `status` says: `disk_full` for a full map or disk, `corrupt`, `io_error` and so on.
/// `doing` completes the sentence "failed while ..."; `where` names the tree.
[[noreturn]] void raise(int status, std::string_view doing, std::string_view where);

inline void throw_if_failed(int status, std::string_view doing, std::string_view where) {
    if (status != MDB_SUCCESS) [[unlikely]] {
        raise(status, doing, where);
    }
}

[[nodiscard]] inline MDB_val to_mdb(Bytes bytes) noexcept {
    // LMDB never writes through a key or a value that it was given to read.
    return {.mv_size = bytes.size(), .mv_data = const_cast<char*>(bytes.data())};
}

[[nodiscard]] inline Bytes from_mdb(const MDB_val& value) noexcept {
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

}  // namespace amphora::lmdb
