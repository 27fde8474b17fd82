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
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  private:
    int descriptor_;
    DataFile data_;
};

[[nodiscard]] std::string data_path(const std::string& directory);

/// Whether the file has all pages that are in use. LMDB does not write pages that the last commit
/// took and gave back, so it may end before its last page.
[[nodiscard]] bool is_long_enough(const DataFile& file, const Meta& meta);

/// Throws `corrupt` if the file is shorter than its pages require, or if pages that every opening
/// reads first are damaged: both would crash the process inside of LMDB. An empty file, which is
/// being made, is valid.
void require_openable(const std::string& path);

/// Throws `newer_format` if the file is of a later data format of LMDB.
void require_known_format(const DataFile& file);

/// Whether the file is the rest of an interrupted creation: nothing was ever committed in it.
[[nodiscard]] bool half_made(const std::string& path);

}  // namespace amphora::lmdb
