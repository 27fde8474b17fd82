#pragma once

#include "base/bytes.hpp"
#include "base/file.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace amphora {

/// Called with the bytes that were copied since the last call. May throw, which ends the copying.
using Copied = std::function<void(std::uint64_t bytes)>;

/// Copies the first `bytes` bytes of `from` into a new file and syncs it; the caller syncs the
/// directory. Throws `io_error` if `from` is shorter, and what `FileSystem` throws.
void copy_file(FileSystem& files, const std::string& from, const std::string& to,
               std::uint64_t bytes, const Copied& copied);

/// Adds a second name for a file that is never changed again. False where this is impossible:
/// across file systems, or on one without links.
[[nodiscard]] bool link_file(const std::string& from, const std::string& to);

[[nodiscard]] std::uint64_t size_of(FileSystem& files, const std::string& path);

}  // namespace amphora
