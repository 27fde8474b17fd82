#pragma once

#include "base/file.hpp"
#include "base/identity_file.hpp"
#include "tree/rocks/rocks_tree.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

/// Databases whose document tree has levels of several table files. No profile makes table files of
/// less than some megabytes, so the small databases of tests would have one in each level, and
/// would not show the effect of damage to one file of several.
namespace amphora::support {

/// Rewrites the document tree of a closed database: one level of table files of about this size
/// each, and of at least one block of 8 KB before compression.
inline void split_into_small_tables(const std::string& database,
                                    std::uint64_t table_bytes = 24 << 10) {
    rocks::RocksOptions options = rocks::rocks_profile(rocks::RocksProfile::edge);
    options.memtable_bytes = 64 << 10;
    options.table_bytes = table_bytes;
    const auto identity = read_identity(operating_system_files(), database);
    rocks::open_rocks(database + "/documents", identity.value().identity,
                      tree::OpenMode::read_write, options)
        ->compact();
}

/// The paths of the table files, oldest first.
inline std::vector<std::string> table_files(const std::string& database) {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator{database + "/documents"}) {
        if (entry.path().extension() == ".sst") paths.push_back(entry.path());
    }
    std::ranges::sort(paths);
    return paths;
}

/// Flips one bit of a file while it lives.
class FlippedBit {
  public:
    FlippedBit(std::string path, std::size_t offset) : path_{std::move(path)}, offset_{offset} {
        flip();
    }
    ~FlippedBit() { flip(); }
    FlippedBit(const FlippedBit&) = delete;
    FlippedBit& operator=(const FlippedBit&) = delete;

  private:
    void flip() const {
        std::fstream file{path_, std::ios::in | std::ios::out | std::ios::binary};
        file.seekg(static_cast<std::streamoff>(offset_));
        const int byte = file.get();
        file.seekp(static_cast<std::streamoff>(offset_));
        file.put(static_cast<char>(byte ^ 1));
    }

    std::string path_;
    std::size_t offset_;
};

}  // namespace amphora::support
