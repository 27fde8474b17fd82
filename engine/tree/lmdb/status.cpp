#include "tree/lmdb/status.hpp"

#include <amphora/error.hpp>

#include <cerrno>

#include <fmt/format.h>

namespace amphora::lmdb {

namespace {

struct Meaning {
    ErrorCode code;
    std::string_view advice;
};

Meaning meaning_of(int status) {
    switch (status) {
        case MDB_MAP_FULL:
            return {ErrorCode::disk_full,
                    "the map is full: remove rows, or open with a larger map"};
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return {ErrorCode::disk_full, "free some space; writing continues by itself"};
        case MDB_READERS_FULL:
            return {ErrorCode::too_many_snapshots,
                    "all reader slots are taken: let go of snapshots, transactions and ranges"};
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
        case MDB_CURSOR_FULL:
            return {ErrorCode::corrupt, "restore the tree from a backup"};
        case MDB_INVALID:
            return {ErrorCode::not_a_database, "this is not a tree of a database"};
        case MDB_VERSION_MISMATCH:
            return {ErrorCode::newer_format, "written by another version of LMDB"};
        case MDB_PANIC:
            return {ErrorCode::needs_reopen,
                    "an earlier write failed: close the database and open it again"};
        case ENOMEM:
            return {ErrorCode::io_error, "not enough memory or address space for the map"};
        case EACCES:
        case EPERM:
        case EROFS:
            return {ErrorCode::io_error, "check the permissions, or open it read-only"};
        default:
            return {ErrorCode::io_error, "see the system's reason"};
    }
}

}  // namespace

void raise(int status, std::string_view doing, std::string_view where) {
    const Meaning meaning = meaning_of(status);
    throw Error{meaning.code, fmt::format("{}: failed while {}: {}; {}", where, doing,
                                          mdb_strerror(status), meaning.advice)};
}

}  // namespace amphora::lmdb
