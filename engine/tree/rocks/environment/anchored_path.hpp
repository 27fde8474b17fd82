#pragma once

#include <string>
#include <string_view>

namespace amphora::rocks {

/// A path that continues to lead to a directory after it is moved. RocksDB makes, renames and
/// removes files by their paths while it is open; by the old name it would do so in a directory
/// that has taken the moved one's place, over files of the same names.
class AnchoredPath {
  public:
    /// Throws `io_error` if there is no such directory.
    explicit AnchoredPath(const std::string& directory);
    ~AnchoredPath();
    AnchoredPath(const AnchoredPath&) = delete;
    AnchoredPath& operator=(const AnchoredPath&) = delete;

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// For RocksDB. The directory's own name, if /proc is not mounted.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    int descriptor_;
    std::string path_;
};

/// A message of RocksDB's, with the directory's own name in place of the anchored one.
[[nodiscard]] std::string with_own_name(std::string_view message, std::string_view directory);

}  // namespace amphora::rocks
