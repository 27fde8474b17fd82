#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace amphora::tree {

/// The directory of a tree that this process has open, entered by device and inode: the same under
/// every name that it has. Both libraries take a second opening for harmless where they do not
/// notice it, and closing one then pulls the ground from under the other.
class OpenPlace {
  public:
    /// Throws `in_use` if the directory is entered already, `needs_reopen` if it was abandoned;
    /// `what` names it in the message.
    OpenPlace(const std::string& directory, const std::string& what);
    ~OpenPlace();
    OpenPlace(const OpenPlace&) = delete;
    OpenPlace& operator=(const OpenPlace&) = delete;

    /// What this process has open there can neither be used nor closed: from now on only another
    /// process can open it.
    void abandon() const noexcept;

  private:
    using Place = std::pair<std::uint64_t, std::uint64_t>;
    struct Registry;
    static Registry& registry();
    Place place_;
};

}  // namespace amphora::tree
