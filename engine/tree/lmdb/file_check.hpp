#pragma once

#include "tree/lmdb/data_file.hpp"

#include <string>

/// The checks of a file before LMDB may use it.
namespace amphora::lmdb {

/// A descriptor that closes itself.
class OpenedFile {
  public:
    explicit OpenedFile(const std::string& path);
    ~OpenedFile();
    OpenedFile(const OpenedFile&) = delete;
    OpenedFile& operator=(const OpenedFile&) = delete;
    [[nodiscard]] const DataFile& data() const noexcept { return data_; }

  private:
    int descriptor_;
    DataFile data_;
};

[[nodiscard]] std::string data_path(const std::string& directory);

/// Throws `corrupt` if the file is shorter than its pages require, or if pages that every opening
/// reads first are damaged: both would crash the process inside of LMDB. An empty file, which is
/// being made, is valid.
void require_openable(const std::string& path);

/// Whether the file is the rest of an interrupted creation: nothing was ever committed in it.
[[nodiscard]] bool half_made(const std::string& path);

}  // namespace amphora::lmdb
