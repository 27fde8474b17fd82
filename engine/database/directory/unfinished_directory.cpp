#include "database/directory/unfinished_directory.hpp"

#include "base/file.hpp"
#include "database/directory/archive_file.hpp"
#include "database/directory/directory.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace amphora {

namespace {

namespace fs = std::filesystem;

std::string without_slash(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

bool is_of_an_attempt(const std::string& name) {
    static constexpr std::array pieces{
        "LOCK",       "LIVE",      "LIVE.new",          "OBSERVERS",       "journal",
        "relational", "documents", "documents.salvage", "quarantine.jsonl"};
    return std::find(pieces.begin(), pieces.end(), name) != pieces.end() ||
           name.starts_with("IDENTITY") || name.starts_with("BACKUP") ||
           name.starts_with(ArchiveFile::name);
}

}  // namespace

UnfinishedDirectory::UnfinishedDirectory(const std::string& destination, OnNetwork on_network)
    : destination_{without_slash(destination)}, path_{destination_ + ".unfinished"} {
    require_path(destination, "the copy");
    require_free();
    FileSystem& files = operating_system_files();
    const bool is_new = !files.exists(path_);
    files.make_directory(path_);
    try {
        lock_ = DirectoryLock::acquire(path_, on_network);
    } catch (...) {
        if (is_new) remove();
        throw;
    }
    for (const std::string& name : files.list(path_)) {
        if (is_of_an_attempt(name)) continue;
        throw Error{
            ErrorCode::invalid_argument,
            fmt::format("{}: holds {}, which no unfinished copy does; move it away", path_, name)};
    }
    clear();
}

UnfinishedDirectory::~UnfinishedDirectory() {
    if (!finished_) remove();
}

void UnfinishedDirectory::remove() const noexcept {
    std::error_code ignored;  // the next attempt removes the rest
    fs::remove_all(path_, ignored);
}

void UnfinishedDirectory::require_free() const {
    std::error_code failed;
    // A rename cannot replace these, and would fail only after everything is copied.
    const fs::path last = fs::path{destination_}.filename();
    const bool has_name = !last.empty() && last != "." && last != "..";
    if (!has_name || fs::is_symlink(fs::symlink_status(destination_, failed))) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("{}: {}; name a place where nothing is", destination_,
                                has_name ? "is a link" : "is no name of its own")};
    }
    if (!fs::exists(destination_, failed)) return;
    if (fs::is_directory(destination_, failed) && fs::is_empty(destination_, failed) && !failed) {
        return;
    }
    throw Error{ErrorCode::invalid_argument,
                fmt::format("{}: is there already; name a place where nothing is", destination_)};
}

void UnfinishedDirectory::clear() const {
    for (const std::string& name : operating_system_files().list(path_)) {
        if (name == DirectoryLock::name) continue;
        std::error_code failed;
        fs::remove_all(path_ + "/" + name, failed);
        if (failed) {
            throw Error{ErrorCode::io_error,
                        fmt::format("removing {}/{}: {}", path_, name, failed.message())};
        }
    }
}

void UnfinishedDirectory::finish() {
    FileSystem& files = operating_system_files();
    files.sync_directory(path_);
    files.rename(path_, destination_);
    finished_ = true;
    files.sync_directory(parent_of(destination_));
}

}  // namespace amphora
