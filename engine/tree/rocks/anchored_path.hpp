#pragma once

#include <string>
#include <string_view>

namespace amphora::rocks {

/// A directory under a name that follows it wherever it is moved: RocksDB makes, renames and
/// removes files by their paths as long as it is open, and would do so in whatever has taken the
/// place of a directory that was moved, over files of the same names.
class AnchoredPath {
  public:
    /// Throws `io_error` if there is no such directory.
    explicit AnchoredPath(const std::string& directory);
    ~AnchoredPath();
    AnchoredPath(const AnchoredPath&) = delete;
    AnchoredPath& operator=(const AnchoredPath&) = delete;

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// For RocksDB. Where /proc is not mounted, the directory's own name.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    int descriptor_;
    std::string path_;
};

/// A message of RocksDB's, with the directory's own name where it says an anchored one.
[[nodiscard]] std::string with_own_name(std::string_view message, std::string_view directory);

}  // namespace amphora::rocks
