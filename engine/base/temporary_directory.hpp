#pragma once

#include <string>

namespace amphora {

/// A new directory below the system's directory for temporary files. The destructor removes it with
/// all its contents. It is identified by its inode and not by its name: it is removed also if it
/// was moved, and another directory under its old name stays.
class TemporaryDirectory {
  public:
    /// Throws `io_error`.
    TemporaryDirectory();
    ~TemporaryDirectory();  ///< what cannot be removed stays
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    /// The path at which it was made.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    void remove_name(const char* path) const noexcept;

    std::string path_;
    int descriptor_ = -1;
};

}  // namespace amphora
