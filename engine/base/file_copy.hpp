#pragma once

#include "base/bytes.hpp"
#include "base/file.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace amphora {

/// Told how many bytes have been copied since the last call; may throw, which ends the copying.
using Copied = std::function<void(std::uint64_t bytes)>;

/// The first `bytes` bytes of `from` as a new file, synced; its name is for the caller to sync.
/// Throws `io_error` if there are not so many, and what `FileSystem` throws.
void copy_file(FileSystem& files, const std::string& from, const std::string& to,
               std::uint64_t bytes, const Copied& copied);

/// A second name for a file that is never changed again. False where that cannot be: on another
/// file system, or on one without links.
[[nodiscard]] bool link_file(const std::string& from, const std::string& to);

[[nodiscard]] std::uint64_t size_of(FileSystem& files, const std::string& path);

}  // namespace amphora
