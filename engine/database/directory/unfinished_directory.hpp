#pragma once

#include "base/directory_lock.hpp"

#include <optional>
#include <string>

namespace amphora {

/// A database or backup that is being made: a directory next to its destination, which is renamed
/// in one step when everything in it is on stable storage.
///
/// Invariant: a directory with the destination's name is complete. A directory with the other name
/// that is not locked is the rest of an interrupted attempt, and is removed.
class UnfinishedDirectory {
  public:
    /// Throws `invalid_argument` if something is at the destination, or if the directory next to it
    /// holds something that no attempt leaves; `in_use` while another process makes one there.
    explicit UnfinishedDirectory(const std::string& destination,
                                 OnNetwork on_network = OnNetwork::refuse);
    /// Removes the directory, unless `finish` was called.
    ~UnfinishedDirectory();
    UnfinishedDirectory(const UnfinishedDirectory&) = delete;
    UnfinishedDirectory& operator=(const UnfinishedDirectory&) = delete;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// For a caller that opens the directory to verify it, and gives the lock back.
    [[nodiscard]] std::optional<DirectoryLock>& lock() noexcept { return lock_; }

    /// Renames it. Everything in it must be synced.
    void finish();

  private:
    void require_free() const;
    void clear() const;
    void remove() const noexcept;

    std::string destination_;
    std::string path_;
    std::optional<DirectoryLock> lock_;
    bool finished_ = false;
};

}  // namespace amphora
