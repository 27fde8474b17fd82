#include "tree/rocks/salvage/salvage.hpp"

#include "base/assert.hpp"
#include "base/file.hpp"
#include "tree/rocks/database/reading_options.hpp"
#include "tree/rocks/database/settings.hpp"
#include "tree/rocks/environment/line_logger.hpp"
#include "tree/rocks/environment/read_only_files.hpp"
#include "tree/rocks/environment/status.hpp"
#include "tree/rocks/salvage/salvage_walk.hpp"

#include <amphora/error.hpp>

#include <rocksdb/table.h>

#include <fmt/format.h>

#include <filesystem>
#include <memory>

namespace amphora::rocks {

namespace {

namespace fs = std::filesystem;

/// A tree that is open for reading, with what it reads through.
struct Handle {
    std::unique_ptr<rocksdb::Env> environment;
    std::unique_ptr<rocksdb::DB> database;
    std::string directory;  ///< of its files

    explicit operator bool() const noexcept { return database != nullptr; }
};

rocksdb::Options reading(const std::string& directory, const RocksOptions& options) {
    rocksdb::Options settings = to_settings(options);
    settings.info_log = std::make_shared<LineLogger>(options.log, directory);
    settings.avoid_unnecessary_blocking_io = false;  // as for every read-only opening
    return settings;
}

/// `files_present`: all listed files exist, as long as they should be.
enum class Require : std::uint8_t { files_present, list };
/// `ignored`: a file whose filter cannot be read is read without it.
enum class Filters : std::uint8_t { used, ignored };

Handle open(const std::string& directory, const RocksOptions& options, Require require,
            std::string& why, Filters filters = Filters::used) {
    Handle handle;
    handle.directory = directory;
    handle.environment = rocksdb::NewCompositeEnv(read_only_files(directory, options.log));
    rocksdb::Options settings = reading(directory, options);
    settings.env = handle.environment.get();
    settings.paranoid_checks = require == Require::files_present;
    settings.skip_checking_sst_file_sizes_on_db_open = require == Require::list;
    if (filters == Filters::ignored) {
        auto* const table = settings.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
        AMPHORA_ASSERT(table != nullptr);
        table->filter_policy.reset();
    }
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(settings, directory, &opened);
    if (!status.ok()) why = status.ToString();
    handle.database.reset(opened);
    return handle;
}

/// Table files never change, so a second name is as good as a copy; the other files are rewritten.
void copy_files(const std::string& from, const std::string& to) {
    std::error_code failed;
    fs::remove_all(to, failed);
    fs::create_directories(to);
    for (const auto& entry : fs::directory_iterator{from}) {
        if (!entry.is_regular_file() || entry.path().filename() == reserve_name) continue;
        const fs::path name = fs::path{to} / entry.path().filename();
        if (entry.path().extension() == ".sst") {
            fs::create_hard_link(entry.path(), name, failed);
            if (!failed) continue;
        }
        fs::copy_file(entry.path(), name);
    }
}

/// The newest list of table files, by its number.
std::string newest_manifest(const std::string& directory) {
    std::string newest;
    for (const std::string& name : operating_system_files().list(directory)) {
        if (name.starts_with("MANIFEST-")) newest = std::max(newest, name);
    }
    return newest;
}

void name_manifest(const std::string& directory, const std::string& manifest) {
    FileSystem& files = operating_system_files();
    const std::string path = directory + "/CURRENT";
    if (files.exists(path)) files.remove(path);
    files.open(path, OpenFile::create_new)->write_at(0, manifest + "\n");
}

/// Tries one way after the other until the tree opens.
Handle open_somehow(const std::string& directory, const std::string& scratch,
                    const RocksOptions& options, Salvaged& salvaged) {
    std::string why = "there is no such directory";
    if (fs::is_directory(directory)) {
        if (Handle opened = open(directory, options, Require::files_present, why)) return opened;
        salvaged.notes.push_back(fmt::format("{}: does not open: {}", directory, why));
        if (Handle opened = open(directory, options, Require::list, why)) return opened;
        copy_files(directory, scratch);
        if (const std::string manifest = newest_manifest(scratch); !manifest.empty()) {
            name_manifest(scratch, manifest);
            if (Handle opened = open(scratch, options, Require::list, why)) return opened;
        }
        copy_files(directory, scratch);
        salvaged.list_made_again = true;
        const rocksdb::Status status = rocksdb::RepairDB(scratch, reading(scratch, options));
        if (!status.ok()) {
            why = status.ToString();
        } else if (Handle opened = open(scratch, options, Require::list, why)) {
            return opened;
        }
    }
    throw Error{ErrorCode::corrupt,
                fmt::format("{}: nothing can be read from it: {}", directory, why)};
}

}  // namespace

Salvaged salvage(const std::string& directory, const std::string& scratch,
                 const RocksOptions& options, const SalvageVisitor& visitor) {
    Salvaged salvaged;
    const Handle handle = open_somehow(directory, scratch, options, salvaged);
    rocksdb::DB& database = *handle.database;
    Buffer record;
    const rocksdb::Status mark =
        database.Get(reading_options(BlockCaching::pass_by),
                     {tree::mark_key.data(), tree::mark_key.size()}, &record);
    if (mark.ok()) {
        salvaged.mark = tree::decode_mark_record(record, directory);
    } else {
        salvaged.notes.push_back(fmt::format("{}: the mark: {}", directory, mark.ToString()));
    }
    std::string why;
    const Handle unfiltered = open(handle.directory, options, Require::list, why, Filters::ignored);
    SalvageWalk walk{database, unfiltered.database.get(), handle.directory, visitor};
    walk.run();
    salvaged.entries = walk.entries();
    salvaged.gaps = walk.gaps();
    return salvaged;
}

}  // namespace amphora::rocks
