#pragma once

#include "tree/lmdb/lmdb_tree.hpp"
#include "tree/lmdb/status.hpp"
#include "tree/process_guard.hpp"
#include "tree/registered_directory.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// One opened LMDB file with its only database, and the read transactions that are kept for reuse.
///
/// Invariant: a process never has two environments of one directory. Closing one of them would
/// release the file locks of the other, and with them its reader table, without an error.
namespace amphora::lmdb {

class Environment {
  public:
    /// Opens the files in `directory`. Checks what LMDB does not: that the file is as long as its
    /// last page requires, and that it is on a local file system.
    [[nodiscard]] static std::shared_ptr<Environment> open(const std::string& directory,
                                                           tree::OpenMode mode,
                                                           const LmdbOptions& options);
    /// In a forked child nothing is closed: that would free the parent's reader slots.
    ~Environment();
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

    [[nodiscard]] MDB_env* handle() const noexcept { return env_; }
    /// The main database. It has no name, so it is never opened while transactions run.
    [[nodiscard]] MDB_dbi database() const noexcept { return database_; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// The data file, for messages.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    void check_process() const { guard_.check(path_); }

  private:
    explicit Environment(std::string path, Log log);
    void open_files(const std::string& directory, tree::OpenMode mode, const LmdbOptions& options);
    friend class Reading;
    [[nodiscard]] MDB_txn* begin_reading();
    [[nodiscard]] MDB_txn* begin_fresh();
    void end_reading(MDB_txn* reading) noexcept;
    void free_dead_slots();

    tree::ProcessGuard guard_;
    std::string path_;
    Log log_;
    std::optional<tree::RegisteredDirectory> place_;
    MDB_env* env_ = nullptr;
    MDB_dbi database_ = 0;
    int descriptor_ = -1;
    std::mutex mutex_;
    std::vector<MDB_txn*> spare_;  ///< reset, each keeping its slot; guarded by mutex_
};

/// A read transaction at the newest commit; one that was kept for reuse, if there is one. If all
/// slots are taken, those of dead processes are freed first; throws `disk_full` if there is none.
class Reading {
  public:
    explicit Reading(std::shared_ptr<Environment> environment)
        : environment_{std::move(environment)}, transaction_{environment_->begin_reading()} {}
    ~Reading() {
        if (transaction_ != nullptr) environment_->end_reading(transaction_);
    }
    Reading(Reading&& other) noexcept
        : environment_{std::move(other.environment_)},
          transaction_{std::exchange(other.transaction_, nullptr)} {}
    Reading& operator=(Reading&&) = delete;

    [[nodiscard]] Environment& environment() const noexcept { return *environment_; }
    [[nodiscard]] MDB_txn* handle() const noexcept { return transaction_; }
    /// Releases its pages, and keeps its slot.
    void rest() noexcept { mdb_txn_reset(transaction_); }
    /// After `rest`: continues at the newest commit.
    void renew() {
        throw_if_failed(mdb_txn_renew(transaction_), "beginning to read", environment_->path());
    }
    /// LMDB's number of the commit that it shows.
    [[nodiscard]] std::uint64_t number() const noexcept { return mdb_txn_id(transaction_); }
    /// A stored value in the file, with its checksum. Valid while this lives.
    [[nodiscard]] std::optional<Bytes> find_stored(Bytes key) const {
        MDB_val wanted = to_mdb(key);
        MDB_val found;
        const int status = mdb_get(transaction_, environment_->database(), &wanted, &found);
        if (status == MDB_NOTFOUND) return std::nullopt;
        throw_if_failed(status, "reading a key", environment_->path());
        return from_mdb(found);
    }

  private:
    std::shared_ptr<Environment> environment_;
    MDB_txn* transaction_;
};

}  // namespace amphora::lmdb
