#pragma once

#include <rocksdb/db.h>
#include <rocksdb/status.h>

#include <chrono>

namespace amphora::rocks {

/// `DB::Resume`, which flushes and waits for the flush. RocksDB 7.8 may lose the request for it
/// where the disk fills up again in between, and waits for ever: seen once in some dozens of runs
/// on a disk that others fill and empty. After `time` its background work is ended, and with it the
/// wait: the answer is `ShutdownInProgress`, reads go on, and what is in memtables only comes from
/// the journal again when the tree is reopened.
[[nodiscard]] rocksdb::Status resume_within(rocksdb::DB& database, std::chrono::milliseconds time);

}  // namespace amphora::rocks
