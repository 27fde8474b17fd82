#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Files, as the journal and the identity file use them. Tests replace this interface to lose
/// blocks, to fill disks and to fail calls. Every failure throws `Error` (`disk_full` for ENOSPC,
/// EDQUOT and EFBIG, otherwise `io_error`), whose message names the call, the path and the system's
/// reason. After EINTR and after a short read or write the call continues.
namespace amphora {

class File {
  public:
    virtual ~File() = default;  ///< closes; never syncs
    /// Reads up to `bytes` at `offset`; fewer only at the end of the file.
    [[nodiscard]] virtual Buffer read_at(std::uint64_t offset, std::size_t bytes) const = 0;
    virtual void write_at(std::uint64_t offset, Bytes bytes) = 0;
    /// Content and size on stable storage (fdatasync).
    virtual void sync() = 0;
    virtual void truncate(std::uint64_t bytes) = 0;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    [[nodiscard]] virtual const std::string& path() const noexcept = 0;
};

enum class OpenFile : std::uint8_t { existing, existing_read_only, create_new };

class FileSystem {
  public:
    virtual ~FileSystem() = default;
    [[nodiscard]] virtual std::unique_ptr<File> open(const std::string& path, OpenFile how) = 0;
    [[nodiscard]] virtual bool exists(const std::string& path) const = 0;
    /// Names (not paths) of what is in a directory, sorted.
    [[nodiscard]] virtual std::vector<std::string> list(const std::string& directory) const = 0;
    virtual void make_directory(const std::string& path) = 0;  ///< no error if it exists
    virtual void rename(const std::string& from, const std::string& to) = 0;
    virtual void remove(const std::string& path) = 0;
    /// Names in the directory on stable storage.
    virtual void sync_directory(const std::string& path) = 0;
    [[nodiscard]] virtual std::uint64_t free_bytes(const std::string& path) const = 0;
};

/// The operating system's own.
[[nodiscard]] FileSystem& operating_system_files();

/// The operating system's files, but every path that begins with `directory` is reached through a
/// descriptor of that directory. So it stays the same directory when it is moved, and a directory
/// that takes its old name is not touched.
[[nodiscard]] std::unique_ptr<FileSystem> files_anchored_at(const std::string& directory);

}  // namespace amphora
