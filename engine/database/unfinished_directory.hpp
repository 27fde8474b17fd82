#pragma once

#include "base/directory_lock.hpp"

#include <optional>
#include <string>

namespace amphora {

/// A database or a backup that is being made: a directory beside its place, which takes its place
/// in one step when everything in it is on stable storage.
///
/// Invariant: what lies at the destination is whole. What lies beside it, under the other name and
/// not locked, is the rest of an attempt that was cut short, and goes.
class UnfinishedDirectory {
  public:
    /// Throws `invalid_argument` if something is at the destination, or something that is no rest
    /// of an attempt beside it; `in_use` while another is being made there.
    explicit UnfinishedDirectory(const std::string& destination,
                                 OnNetwork on_network = OnNetwork::refuse);
    /// Unless it was finished: removes it.
    ~UnfinishedDirectory();
    UnfinishedDirectory(const UnfinishedDirectory&) = delete;
    UnfinishedDirectory& operator=(const UnfinishedDirectory&) = delete;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// For whoever opens it to verify it, and gives it back.
    [[nodiscard]] std::optional<DirectoryLock>& lock() noexcept { return lock_; }

    /// Everything in it is synced already; now it takes its place.
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
