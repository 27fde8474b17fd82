#pragma once

#include "loading/loader.hpp"

#include <cstdint>
#include <string>

namespace amphora::cli {

struct DumpLoadReport {
    std::uint64_t tables = 0, collections = 0;
    std::uint64_t rows = 0, documents = 0;
    std::uint64_t bytes = 0;
};

/// Makes a database of a dump, in one step: it is made as `DATABASE.unfinished`, compared with the
/// dump, and then renamed. It fails as a whole, and leaves nothing, if a file was changed since the
/// dump, if a line is refused, or if a table does not give the same text again. `progress` gets the
/// bytes that were read and those of all files; the `progress` of `options` is not used.
///
/// Throws `invalid_argument` if anything but an empty directory is at `database`, `corrupt` for a
/// dump that is not complete, and what loading throws.
DumpLoadReport load_dump(const std::string& database, const std::string& directory,
                         const loading::LoadOptions& options,
                         const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace amphora::cli
