#pragma once

#include "base/filesystem_kind.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

/// Holds a directory for its owner, or for those that only read it.
///
/// Other processes are kept out by locks on the file `LOCK` in the directory and on the directory
/// itself. The system releases them when the process ends, however it ends. A second handle in this
/// process is kept out by a registry by device and inode: LMDB and RocksDB lock by process, so they
/// do not notice a second opening, and closing one of the two would release the locks of the other.
namespace amphora {

/// `exclusive` is for the owner, who may write. `shared` is for any number of processes that read, while
/// there is no owner; in each process one handle at a time.
enum class Sharing : std::uint8_t { exclusive, shared };

class DirectoryLock {
  public:
    static constexpr const char* name = "LOCK";

    /// Where the file cannot be opened, on a read-only file system or without the permission, the
    /// lock on the directory alone is used. Throws `in_use` ("... in use by pid N") if another
    /// handle, in this process or another, has the directory, and the two may not have it together;
    /// `unsupported_filesystem` on a network file system; `not_a_database` if there is no such directory.
    [[nodiscard]] static DirectoryLock acquire(const std::string& directory,
                                               OnNetwork on_network = OnNetwork::refuse,
                                               Sharing sharing = Sharing::exclusive);

    ~DirectoryLock();  ///< releases the directory; the file stays
    DirectoryLock(DirectoryLock&&) noexcept;
    DirectoryLock& operator=(DirectoryLock&&) noexcept;

    /// Throws `used_after_fork` in every process except the one that acquired the lock.
    void check_process() const;

  private:
    struct Held;
    explicit DirectoryLock(std::unique_ptr<Held> held) noexcept;
    std::unique_ptr<Held> held_;
};

/// The pid of the owner; none if the directory has no owner now. Only the lock tells whether there is
/// one; the number is for people, and 0 if it is not known. Takes no lock, and only needs the permission
/// to read.
[[nodiscard]] std::optional<std::int64_t> pid_of_owner(const std::string& directory);

}  // namespace amphora
