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
/// dump, and then takes its place. A file that was changed since, a line that is refused, and a
/// table that does not give the same text again make the whole fail, and nothing is left.
/// `progress` gets the bytes that were read of those of all files; that of `options` is not used.
///
/// Throws `invalid_argument` if something other than an empty directory is at `database`, `corrupt`
/// for a dump that is not whole, and what loading throws.
DumpLoadReport load_dump(const std::string& database, const std::string& directory,
                         const loading::LoadOptions& options,
                         const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace amphora::cli
