#include "tree/rocks/database/opened_database.hpp"

#include "base/file.hpp"
#include "base/filesystem_kind.hpp"
#include "tree/rocks/database/reserve_file.hpp"
#include "tree/rocks/database/settings.hpp"
#include "tree/rocks/environment/line_logger.hpp"
#include "tree/rocks/environment/living_threads.hpp"
#include "tree/rocks/environment/lock_files.hpp"
#include "tree/rocks/environment/manifest_tail.hpp"
#include "tree/rocks/environment/ordered_names.hpp"
#include "tree/rocks/environment/read_only_files.hpp"
#include "tree/rocks/environment/status.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include <fmt/format.h>

namespace amphora::rocks {

namespace {

std::shared_ptr<WatchedFiles> watched_files_for(tree::OpenMode mode) {
    if (!tree::writes(mode)) return nullptr;
    return std::make_shared<WatchedFiles>(
        std::make_shared<LockFiles>(rocksdb::FileSystem::Default()));
}

std::shared_ptr<rocksdb::FileSystem> files_for(const std::string& directory,
                                               const std::shared_ptr<WatchedFiles>& watched,
                                               const Log& log) {
    if (watched == nullptr) return read_only_files(directory, log);
    return std::make_shared<OrderedNames>(watched);
}

/// RocksDB starts its threads when it first has work for them, inside of calls that do not survive
/// a failure to start one. So all of them are started before it is opened.
void start_threads(rocksdb::Env& environment, const rocksdb::Options& settings) {
    // In RocksDB's proportion: a quarter flushes.
    const int flushing = std::max(1, settings.max_background_jobs / 4);
    const int compacting = std::max(1, settings.max_background_jobs - flushing);
    environment.IncBackgroundThreadsIfNeeded(flushing, rocksdb::Env::HIGH);
    environment.IncBackgroundThreadsIfNeeded(compacting, rocksdb::Env::LOW);
    // Starts those that an earlier attempt could not start.
    for (const auto priority : {rocksdb::Env::HIGH, rocksdb::Env::LOW}) {
        environment.Schedule([](void*) {}, nullptr, priority);
    }
}

}  // namespace

OpenedDatabase::OpenedDatabase(const std::string& directory, tree::OpenMode mode,
                               const RocksOptions& options)
    : path_{directory},
      anchor_{directory},
      log_{options.log},
      watched_files_{watched_files_for(mode)},
      environment_{rocksdb::NewCompositeEnv(files_for(directory, watched_files_, options.log))},
      errors_{std::make_shared<BackgroundErrors>(directory, options.retry_ms_min,
                                                 options.retry_ms_max, options.log)} {
    if (mode != tree::OpenMode::live) place_.emplace(directory, directory);
}

std::shared_ptr<OpenedDatabase> OpenedDatabase::open(const std::string& directory,
                                                     tree::OpenMode mode,
                                                     const RocksOptions& options) {
    require_living_threads(directory);
    FileSystem& files = operating_system_files();
    if (mode == tree::OpenMode::create) {
        files.make_directory(directory);
    } else if (!files.exists(directory + "/CURRENT")) {
        throw Error{
            ErrorCode::not_a_database,
            fmt::format("{}: there is no such tree; the document tree is missing", directory)};
    }
    if (options.on_network == OnNetwork::refuse) refuse_network_filesystem(directory);
    note_threads_started();

    rocksdb::Options settings = to_settings(options);
    std::shared_ptr<OpenedDatabase> opened(new OpenedDatabase(directory, mode, options));
    settings.env = opened->environment_.get();
    settings.create_if_missing = mode == tree::OpenMode::create;
    // A read-only database has no threads that could remove files later, and has an assertion that
    // it is never asked to.
    if (!tree::writes(mode)) settings.avoid_unnecessary_blocking_io = false;
    // All table files are opened at once and stay open: the process that writes removes those that it
    // has replaced.
    if (mode == tree::OpenMode::live) settings.max_open_files = -1;
    settings.info_log = std::make_shared<LineLogger>(options.log, directory);
    settings.listeners.push_back(opened->errors_);
    opened->cache_ =
        settings.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>()->block_cache;
    if (tree::writes(mode)) {
        start_threads(*settings.env, settings);
        make_room_to_open(opened->descriptor());
        // On a nearly full disk the room for compactions is tested first.
        settings.disable_auto_compactions =
            files.free_bytes(directory) < compaction_bytes_max(options);
        opened->cut_unfinished_manifest();
    }
    opened->open_with(settings, mode);
    if (mode == tree::OpenMode::create) files.sync_directory(directory + "/..");
    return opened;
}

void OpenedDatabase::cut_unfinished_manifest() const {
    const std::string lock_path = anchor_.path() + "/LOCK";
    rocksdb::FileLock* lock = nullptr;
    // The process that has the lock is writing the manifest; opening reports that.
    if (!environment_->LockFile(lock_path, &lock).ok()) return;
    const auto unlock = [&](rocksdb::FileLock* held) {
        static_cast<void>(environment_->UnlockFile(held));
    };
    const std::unique_ptr<rocksdb::FileLock, decltype(unlock)> unlocked(lock, unlock);
    const std::optional<std::string> cut = cut_unfinished_tail(operating_system_files(), path_);
    if (cut && log_) log_(*cut);
}

void OpenedDatabase::open_with(rocksdb::Options& settings, tree::OpenMode mode) {
    const rocksdb::Status status = [&] {
        try {
            return tree::writes(mode)
                       ? rocksdb::DB::Open(settings, anchor_.path(), &database_)
                       : rocksdb::DB::OpenForReadOnly(settings, anchor_.path(), &database_);
        } catch (const std::bad_alloc&) {
            leave_as_it_is();
            refuse();
        } catch (const std::system_error&) {  // its timer has a thread, too
            leave_as_it_is();
            refuse();
        }
    }();
    throw_if_failed(status, "opening it", path_);
}

void OpenedDatabase::leave_as_it_is() const noexcept {
    is_left_ = true;
    if (place_) place_->abandon();
}

void OpenedDatabase::refuse() const {
    throw Error{
        ErrorCode::needs_reopen,
        fmt::format(
            "{}: memory or threads ran out inside RocksDB, which does not survive that; end "
            "this process and open the database again: nothing is lost",
            path_)};
}

OpenedDatabase::~OpenedDatabase() {
    if (guard_.elsewhere()) return;
    if (database_ != nullptr && !is_left()) close();
    // Its threads may still use it.
    if (is_left()) static_cast<void>(environment_.release());
}

void OpenedDatabase::close() noexcept {
    try {
        const rocksdb::Status status = database_->Close();
        if (!status.ok() && log_) {
            log_(fmt::format("{}: closing: {}", path_, with_own_name(status.ToString(), path_)));
        }
    } catch (const std::bad_alloc&) {
        return leave_as_it_is();
    } catch (...) {  // NOLINT: nobody can be told about a failing listener
    }
    delete database_;
}

}  // namespace amphora::rocks
