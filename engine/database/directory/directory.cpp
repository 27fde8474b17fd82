#include "database/directory/directory.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/identity_file.hpp"
#include "database/directory/backup_file.hpp"
#include "journal/journal.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace amphora {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& directory, const std::string& why) {
    throw Error{ErrorCode::not_a_database, directory + " is not a database: " + why};
}

/// Removes pieces that hold nothing yet, as the file CREATING says.
void clear(FileSystem& files, const std::string& directory) {
    const DatabasePaths paths{directory};
    for (const std::string& piece : {paths.journal, paths.relational, paths.documents}) {
        std::error_code failed;
        fs::remove_all(piece, failed);
        if (failed) {
            throw Error{ErrorCode::io_error,
                        fmt::format("removing {}: {}", piece, failed.message())};
        }
    }
    files.sync_directory(directory);
}

Identity create(FileSystem& files, const std::string& directory, const ResolvedOptions& options) {
    const DatabasePaths paths{directory};
    if (!files.exists(paths.creating)) {
        files.open(paths.creating, OpenFile::create_new)->sync();
        files.sync_directory(directory);
    }
    clear(files, directory);

    const Identity identity{make_uuid(), make_uuid()};
    files.make_directory(paths.journal);
    journal::Journal::create(files, paths.journal, identity);
    rocks::RocksOptions documents;
    documents.on_network = on_network(options.given);
    static_cast<void>(
        lmdb::open_lmdb(paths.relational, identity, tree::OpenMode::create, options.lmdb));
    static_cast<void>(
        rocks::open_rocks(paths.documents, identity, tree::OpenMode::create, documents));
    files.sync_directory(directory);
    files.sync_directory(parent_of(directory));
    write_new_identity(files, directory, identity);
    return identity;
}

/// Names that may be in a directory in which a database is made.
bool is_ours_or_harmless(const std::string& name) {
    static constexpr std::array known{"CREATING", "LOCK",      "LIVE",
                                      "LIVE.new", "OBSERVERS", "lost+found"};
    return std::find(known.begin(), known.end(), name) != known.end() ||
           name.starts_with(IdentityFile::name);
}

/// Pieces without an identity tell more than any other file next to them.
void refuse_what_is_there(const std::string& directory, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (name != "journal" && name != "relational" && name != "documents") continue;
        throw Error{ErrorCode::foreign_piece,
                    fmt::format("{}: the file IDENTITY is missing while {}/ is there; put it "
                                "back from a copy of this database",
                                directory, name)};
    }
    for (const std::string& name : names) {
        if (is_ours_or_harmless(name)) continue;
        refuse(directory, fmt::format("it holds {} and no file IDENTITY", name));
    }
}

}  // namespace

void require_path(const std::string& path, std::string_view what) {
    if (!path.empty()) return;
    throw Error{ErrorCode::invalid_argument,
                fmt::format("the path of {} is empty; name a directory", what)};
}

std::string parent_of(const std::string& directory) {
    return directory + "/..";
}

void require_outside(const std::string& directory, const std::string& place,
                     std::string_view what) {
    std::error_code failed;
    const fs::path whole = fs::weakly_canonical(fs::absolute(directory, failed), failed);
    const fs::path other = fs::weakly_canonical(fs::absolute(place, failed), failed);
    if (failed) return;  // the caller's own access reports why not
    if (std::mismatch(whole.begin(), whole.end(), other.begin(), other.end()).first !=
        whole.end()) {
        return;
    }
    throw Error{ErrorCode::invalid_argument,
                fmt::format("{} {} is in the directory of the database itself, {}; name a place "
                            "outside of it",
                            what, place, directory)};
}

journal::SegmentFiles segment_files_in(const std::string& directory) {
    return operating_system_files().exists(directory + "/" + BackupFile::name)
               ? journal::SegmentFiles::copies
               : journal::SegmentFiles::own;
}

void require_directory(const std::string& directory, OpenMode mode) {
    require_path(directory, "the database");
    std::error_code failed;
    const fs::file_status status = fs::status(directory, failed);
    if (fs::is_directory(status)) return;
    if (status.type() == fs::file_type::none) {
        throw Error{ErrorCode::io_error,
                    fmt::format("looking for {}: {}", directory, failed.message())};
    }
    if (fs::exists(status)) refuse(directory, "it is a file; a database is a directory");
    if (mode != OpenMode::create_if_missing) {
        refuse(directory, "there is no such directory");
    }
    if (!fs::create_directory(directory, failed) || failed) {
        if (failed == std::errc::no_such_file_or_directory) {
            throw Error{
                ErrorCode::io_error,
                fmt::format("making the directory {}: there is no directory {}; make it first",
                            directory, fs::path{directory}.parent_path().string())};
        }
        throw Error{
            failed == std::errc::no_space_on_device ? ErrorCode::disk_full : ErrorCode::io_error,
            fmt::format("making the directory {}: {}", directory, failed.message())};
    }
}

FoundIdentity open_directory(const std::string& directory, const ResolvedOptions& options) {
    const OpenMode mode = options.given.mode;
    FileSystem& files = operating_system_files();
    const DatabasePaths paths{directory};
    if (const auto content = read_identity(files, directory)) {
        if (writes(mode) && files.exists(paths.creating)) files.remove(paths.creating);
        return {content->identity, content->ancestors};
    }

    if (const auto backup = read_backup_file(files, directory)) {
        if (!writes(mode)) {
            return {backup->identity, backup->ancestors};
        }
        refuse(directory, fmt::format("it is a backup, of database {} up to commit {}; restore it "
                                      "to another place, or open it read-only to look into it",
                                      to_string(backup->identity.database), number(backup->last)));
    }

    const bool interrupted = files.exists(paths.creating);
    if (!interrupted) {
        refuse_what_is_there(directory, files.list(directory));
    }
    if (mode != OpenMode::create_if_missing) refuse(directory, "it holds no file IDENTITY");
    const Identity identity = create(files, directory, options);
    files.remove(paths.creating);
    return {identity};
}

}  // namespace amphora
