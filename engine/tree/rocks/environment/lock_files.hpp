#pragma once

#include <rocksdb/file_system.h>

#include <string>

namespace amphora::rocks {

/// RocksDB keeps the names of its locked files in a list of the process, and locks that list's
/// mutex by hand: if memory runs out in between, every later opening in the process waits for ever.
/// Here a lock is only a descriptor. It belongs to the open file description, so a second opening
/// in the same process is refused as well. Other processes, such as RocksDB's tools, see it as they
/// see RocksDB's own lock.
class LockFiles final : public rocksdb::FileSystemWrapper {
  public:
    using FileSystemWrapper::FileSystemWrapper;

    [[nodiscard]] const char* Name() const override { return "LockFiles"; }
    /// `lock` is set only on success.
    rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::FileLock** lock, rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override;
};

}  // namespace amphora::rocks
