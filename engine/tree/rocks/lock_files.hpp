#pragma once

#include <rocksdb/file_system.h>

#include <string>

namespace amphora::rocks {

/// RocksDB keeps the names of its locked files in a list of the process, whose mutex it locks by
/// hand: where memory runs out in between, every later opening in the process waits for ever. Here
/// a lock is a descriptor and nothing else. It belongs to the open file description, so that a
/// second opening in the same process is refused as well; other processes, the tools of RocksDB
/// among them, see it as they see RocksDB's own.
class LockFiles final : public rocksdb::FileSystemWrapper {
  public:
    using FileSystemWrapper::FileSystemWrapper;

    [[nodiscard]] const char* Name() const override { return "LockFiles"; }
    /// `lock` is untouched unless it was had.
    rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::FileLock** lock, rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override;
};

}  // namespace amphora::rocks
