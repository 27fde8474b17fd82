#include "tree/lmdb/lmdb_tree.hpp"

#include "base/file.hpp"
#include "tree/lmdb/environment.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::lmdb {

void compact_copy(const std::string& directory, const std::string& target) {
    FileSystem& files = operating_system_files();
    files.make_directory(target);
    if (!files.list(target).empty()) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("{}: is not empty; a copy needs a directory of its own", target)};
    }
    const auto environment = Environment::open(directory, tree::OpenMode::read_only, {});
    throw_if_failed(mdb_env_copy2(environment->handle(), target.c_str(), MDB_CP_COMPACT),
                    "copying it", environment->path());
    // LMDB closes the copy without syncing it.
    files.open(target + "/data.mdb", OpenFile::existing)->sync();
    files.sync_directory(target);
}

}  // namespace amphora::lmdb
