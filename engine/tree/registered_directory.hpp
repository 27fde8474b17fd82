#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace amphora::tree {

/// The directory of a tree that this process has open, registered by device and inode, so that it
/// is the same under every name. Both libraries may not notice a second opening, and closing one of
/// the two would then release the locks of the other.
class RegisteredDirectory {
  public:
    /// Throws `in_use` if the directory is registered already, `needs_reopen` if it was abandoned.
    /// `what` names it in the message.
    RegisteredDirectory(const std::string& directory, const std::string& what);
    ~RegisteredDirectory();
    RegisteredDirectory(const RegisteredDirectory&) = delete;
    RegisteredDirectory& operator=(const RegisteredDirectory&) = delete;

    /// What this process has open there can neither be used nor closed: from now on only another
    /// process can open it.
    void abandon() const noexcept;

  private:
    using DeviceAndInode = std::pair<std::uint64_t, std::uint64_t>;
    struct Registry;
    static Registry& registry();
    DeviceAndInode place_;
};

}  // namespace amphora::tree
