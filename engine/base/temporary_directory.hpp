#pragma once

#include <string>

namespace amphora {

/// A directory of its own below the system's temporary one, which vanishes with everything in it.
/// It is known by what it is and not by its name: wherever it was moved meanwhile it is that one
/// that goes, and another that has taken its place stays.
class TemporaryDirectory {
  public:
    /// Throws `io_error`.
    TemporaryDirectory();
    ~TemporaryDirectory();  ///< removes; what cannot be removed stays
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    /// Where it was made.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    void remove_name(const char* path) const noexcept;

    std::string path_;
    int descriptor_ = -1;
};

}  // namespace amphora
