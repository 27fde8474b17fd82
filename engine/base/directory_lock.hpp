#pragma once

#include "base/filesystem_kind.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

/// One database, one opener. Keeps a directory for this handle, against other processes (locks on
/// the file `LOCK` inside it and on the directory itself, which the system releases when the
/// process ends, however it ends) and against a second handle in this process (a registry by device
/// and inode: libraries that lock by process do not notice a second opening, and closing one then
/// pulls the ground from under the other).
namespace amphora {

class DirectoryLock {
  public:
    static constexpr const char* name = "LOCK";

    /// Where the file cannot be written, on a read-only file system or without the permission, the
    /// lock on the directory does. Throws `in_use` ("... in use by pid N") if another handle, here
    /// or elsewhere, has the directory, `unsupported_filesystem` on a network file system,
    /// `not_a_database` if there is no such directory.
    [[nodiscard]] static DirectoryLock acquire(const std::string& directory,
                                               OnNetwork on_network = OnNetwork::refuse);

    ~DirectoryLock();  ///< gives the directory back; the file stays
    DirectoryLock(DirectoryLock&&) noexcept;
    DirectoryLock& operator=(DirectoryLock&&) noexcept;

    /// Throws `used_after_fork` in any process but the one that acquired the lock.
    void check_process() const;

  private:
    struct Held;
    explicit DirectoryLock(std::unique_ptr<Held> held) noexcept;
    std::unique_ptr<Held> held_;
};

/// The pid that a directory's lock file names, if it is locked now. Does not lock anything for
/// long.
[[nodiscard]] std::optional<std::int64_t> pid_of_opener(const std::string& directory);

}  // namespace amphora
