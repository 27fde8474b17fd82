#pragma once

#include "tree/lmdb/data_file.hpp"

#include <string>

/// What is looked at before LMDB may touch a file.
namespace amphora::lmdb {

/// A descriptor that is closed in time.
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

/// Throws `corrupt` if the file is shorter than its pages need or if what every opening reads first
/// is damaged: both would stop the process inside of LMDB. An empty file, which is being made, is
/// fine.
void require_openable(const std::string& path);

/// What an interrupted creation left: a file in which nothing was ever committed.
[[nodiscard]] bool half_made(const std::string& path);

}  // namespace amphora::lmdb
