#include "corruption/page_entries.hpp"

#include "base/ids.hpp"

#include <lmdb.h>

#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace amphora::corruption {
namespace {

void require(int status, const char* doing) {
    if (status != MDB_SUCCESS) {
        throw std::runtime_error{fmt::format("{}: {}", doing, mdb_strerror(status))};
    }
}

/// Where the file is mapped into this process.
std::uintptr_t start_of_map(const std::string& file) {
    std::ifstream maps{"/proc/self/maps"};
    for (std::string line; std::getline(maps, line);) {
        if (line.ends_with(file)) return std::stoull(line, nullptr, 16);
    }
    throw std::runtime_error{file + " is not mapped"};
}

std::uint32_t space_of(const MDB_val& key) {
    std::uint32_t space = 0;
    for (std::size_t i = 0; i < 4 && i < key.mv_size; ++i) {
        space = space << 8 | static_cast<const unsigned char*>(key.mv_data)[i];
    }
    return space;
}

}  // namespace

PageEntries page_entries(const std::string& database) {
    const std::string directory = database + "/relational";
    MDB_env* made = nullptr;
    require(mdb_env_create(&made), "making an environment");
    const std::unique_ptr<MDB_env, decltype(&mdb_env_close)> environment{made, mdb_env_close};
    require(mdb_env_open(made, directory.c_str(), MDB_RDONLY | MDB_NOLOCK, 0), "opening");
    MDB_txn* begun = nullptr;
    require(mdb_txn_begin(made, nullptr, MDB_RDONLY, &begun), "beginning");
    const std::unique_ptr<MDB_txn, decltype(&mdb_txn_abort)> transaction{begun, mdb_txn_abort};
    MDB_dbi tree = 0;
    require(mdb_dbi_open(begun, nullptr, 0, &tree), "opening the tree");
    MDB_cursor* opened = nullptr;
    require(mdb_cursor_open(begun, tree, &opened), "opening a cursor");
    const std::unique_ptr<MDB_cursor, decltype(&mdb_cursor_close)> cursor{opened, mdb_cursor_close};

    const std::uintptr_t start = start_of_map(directory + "/data.mdb");
    const auto extent_of = [&](const MDB_val& bytes) {
        return Extent{reinterpret_cast<std::uintptr_t>(bytes.mv_data) - start, bytes.mv_size};
    };
    PageEntries entries;
    MDB_val key{};
    MDB_val value{};
    while (mdb_cursor_get(opened, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
        const std::uint32_t space = space_of(key);
        if (space == number(space_tree)) continue;
        auto& extents = space == number(space_catalog) ? entries.catalog : entries.rows;
        extents.push_back(extent_of(key));
        if (value.mv_size > 0) extents.push_back(extent_of(value));
    }
    return entries;
}

}  // namespace amphora::corruption
