#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

namespace amphora::rocks {

/// RocksDB writes a new manifest, renames another file to CURRENT, which names that manifest, and
/// only then syncs the directory. This relies on a file system that keeps the order of names. On
/// another one, a power cut can leave a CURRENT whose manifest has no name, and the tree cannot be
/// opened. Here earlier names are made durable before each rename.
class OrderedNames final : public rocksdb::FileSystemWrapper {
  public:
    using FileSystemWrapper::FileSystemWrapper;

    [[nodiscard]] const char* Name() const override { return "OrderedNames"; }
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                                 const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override;
};

}  // namespace amphora::rocks
