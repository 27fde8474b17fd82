#pragma once

#include <rocksdb/db.h>
#include <rocksdb/status.h>

#include <chrono>

namespace amphora::rocks {

/// `DB::Resume`, which flushes and waits for the flush. If the disk fills up again meanwhile,
/// RocksDB 7.8 may lose the request for the flush, and wait for ever: this happened once in a few
/// dozen runs on a disk that others fill and empty. After `time` RocksDB's background work is
/// ended, which ends the wait: the result is `ShutdownInProgress`, reads continue, and the contents
/// of memtables come from the journal again when the tree is reopened.
[[nodiscard]] rocksdb::Status resume_within(rocksdb::DB& database, std::chrono::milliseconds time);

}  // namespace amphora::rocks
