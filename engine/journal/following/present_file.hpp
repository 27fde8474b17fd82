#pragma once

#include "base/file.hpp"

#include <memory>
#include <string>

namespace amphora::journal {

/// Opens a file that its owner may remove at any moment, to read it; null if it has vanished.
/// Throws `io_error` for other reasons.
[[nodiscard]] std::unique_ptr<File> find_file(FileSystem& files, const std::string& path);

}  // namespace amphora::journal
