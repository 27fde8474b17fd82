#include "tree/lmdb/environment.hpp"

#include "base/file.hpp"
#include "base/filesystem_kind.hpp"
#include "base/system_error.hpp"
#include "tree/lmdb/file_check.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::lmdb {

namespace {

constexpr std::size_t spare_max = 32;

std::string lock_path(const std::string& directory) {
    return directory + "/lock.mdb";
}

void remove_half_made(const std::string& directory) {
    FileSystem& files = operating_system_files();
    if (!files.exists(data_path(directory)) || !half_made(data_path(directory))) return;
    files.remove(data_path(directory));
    if (files.exists(lock_path(directory))) files.remove(lock_path(directory));
}

}  // namespace

std::shared_ptr<Environment> Environment::open(const std::string& directory, tree::OpenMode mode,
                                               const LmdbOptions& options) {
    if (mode == tree::OpenMode::create) {
        operating_system_files().make_directory(directory);
    } else if (!operating_system_files().exists(data_path(directory))) {
        throw Error{ErrorCode::not_a_database,
                    fmt::format("{}: there is no such file; the relational tree is missing",
                                data_path(directory))};
    }
    if (options.on_network == OnNetwork::refuse) refuse_network_filesystem(directory);
    std::shared_ptr<Environment> environment(new Environment(data_path(directory), options.log));
    environment->place_.emplace(directory, environment->path_);
    if (mode == tree::OpenMode::create) remove_half_made(directory);
    environment->open_files(directory, mode, options);
    return environment;
}

Environment::Environment(std::string path, Log log) : path_{std::move(path)}, log_{std::move(log)} {
    spare_.reserve(spare_max);
}

void Environment::open_files(const std::string& directory, tree::OpenMode mode,
                             const LmdbOptions& options) {
    const bool is_openable = operating_system_files().exists(path_);
    if (is_openable) require_openable(path_);

    const bool read_only = mode == tree::OpenMode::read_only;
    unsigned flags = MDB_NOTLS;
    if (read_only) flags |= MDB_RDONLY;
    if (options.read_ahead == ReadAhead::none) flags |= MDB_NORDAHEAD;
    const auto try_open = [&](unsigned more) {
        throw_if_failed(mdb_env_create(&env_), "making an environment", path_);
        throw_if_failed(mdb_env_set_mapsize(env_, options.map_bytes), "setting the size of the map",
                        path_);
        throw_if_failed(mdb_env_set_maxreaders(env_, options.readers_max),
                        "setting the reader slots", path_);
        return mdb_env_open(env_, directory.c_str(), flags | more, 0644);
    };
    int outcome = try_open(0);
    if (read_only && (outcome == EACCES || outcome == EROFS || outcome == EPERM)) {
        // If the lock file cannot be written, nobody can write the tree either.
        mdb_env_close(env_);
        env_ = nullptr;
        outcome = try_open(MDB_NOLOCK);
    }
    // LMDB returns this also for a file whose first pages it could not read completely; they were
    // just found sound.
    if (outcome == MDB_INVALID && is_openable) outcome = EIO;
    throw_if_failed(outcome, "opening it", path_);
    throw_if_failed(mdb_env_get_fd(env_, &descriptor_), "asking for the descriptor", path_);
    free_dead_slots();

    MDB_txn* reading = nullptr;
    throw_if_failed(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reading), "beginning to read", path_);
    const int opened = mdb_dbi_open(reading, nullptr, 0, &database_);
    mdb_txn_abort(reading);
    throw_if_failed(opened, "opening the main database", path_);
    if (mode == tree::OpenMode::create) {
        operating_system_files().sync_directory(directory);
        operating_system_files().sync_directory(directory + "/..");
    }
}

Environment::~Environment() {
    if (guard_.elsewhere()) return;
    for (MDB_txn* reading : spare_) mdb_txn_abort(reading);
    if (env_ != nullptr) mdb_env_close(env_);
}

MDB_txn* Environment::begin_reading() {
    MDB_txn* reading = nullptr;
    {
        const std::lock_guard lock{mutex_};
        if (!spare_.empty()) {
            reading = spare_.back();
            spare_.pop_back();
        }
    }
    if (reading == nullptr) return begin_fresh();
    const int status = mdb_txn_renew(reading);
    if (status == MDB_SUCCESS) return reading;
    mdb_txn_abort(reading);
    raise(status, "beginning to read", path_);
}

MDB_txn* Environment::begin_fresh() {
    MDB_txn* reading = nullptr;
    int status = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reading);
    if (status == MDB_READERS_FULL) {
        free_dead_slots();
        status = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reading);
    }
    throw_if_failed(status, "beginning to read", path_);
    return reading;
}

void Environment::end_reading(MDB_txn* reading) noexcept {
    if (guard_.elsewhere()) return;
    mdb_txn_reset(reading);
    {
        const std::lock_guard lock{mutex_};
        if (spare_.size() < spare_max) {
            spare_.push_back(reading);
            return;
        }
    }
    mdb_txn_abort(reading);
}

void Environment::free_dead_slots() {
    int dead = 0;
    throw_if_failed(mdb_reader_check(env_, &dead), "looking for dead readers", path_);
    if (dead > 0 && log_) {
        log_(fmt::format("{}: freed {} reader slots of processes that have died", path_, dead));
    }
}

}  // namespace amphora::lmdb
