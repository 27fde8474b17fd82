#include "base/directory_lock.hpp"
#include "base/file.hpp"
#include "base/file_copy.hpp"
#include "base/identity_file.hpp"
#include "database/directory/directory.hpp"
#include "tree/lmdb/lmdb_tree.hpp"
#include "tree/rocks/environment/living_threads.hpp"

#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <filesystem>

namespace amphora {

namespace {

constexpr const char* data_name = "/data.mdb";

}  // namespace

/// LMDB's file never shrinks. So a copy without its free pages replaces it, in one rename.
std::uint64_t Database::compact_directory(const std::string& path, const Options& options) {
    namespace fs = std::filesystem;
    rocks::require_living_threads(path);
    require_directory(path, OpenMode::must_exist);
    const DirectoryLock lock = DirectoryLock::acquire(path, on_network(options));
    FileSystem& files = operating_system_files();
    if (!read_identity(files, path)) {
        throw Error{ErrorCode::not_a_database,
                    path + " is not a database: it holds no file IDENTITY"};
    }
    const DatabasePaths paths{path};
    std::error_code failed;
    fs::remove_all(paths.compacted, failed);
    const std::uint64_t before = size_of(files, paths.relational + data_name);
    lmdb::compact_copy(paths.relational, paths.compacted);
    const std::uint64_t after = size_of(files, paths.compacted + data_name);
    // The copy is synced. A crash before the rename leaves it to be removed by the next open; a
    // crash after the rename leaves the compacted store.
    files.rename(paths.compacted + data_name, paths.relational + data_name);
    files.sync_directory(paths.relational);
    fs::remove_all(paths.compacted, failed);
    if (options.log) {
        options.log(
            fmt::format("compacted {}: {} bytes, {} before", paths.relational, after, before));
    }
    return before > after ? before - after : 0;
}

}  // namespace amphora
