#pragma once

#include "tree/process_guard.hpp"
#include "tree/registered_directory.hpp"
#include "tree/rocks/database/rocks_options.hpp"
#include "tree/rocks/environment/anchored_path.hpp"
#include "tree/rocks/environment/background_errors.hpp"
#include "tree/rocks/environment/watched_files.hpp"
#include "tree/tree.hpp"

#include <rocksdb/db.h>

#include <atomic>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace amphora::rocks {

/// One opened RocksDB with everything that must outlive it. Closed when the tree and the last view
/// are destroyed, because RocksDB refuses to close while a snapshot or an iterator is alive.
class OpenedDatabase {
  public:
    [[nodiscard]] static std::shared_ptr<OpenedDatabase> open(const std::string& directory,
                                                              tree::OpenMode mode,
                                                              const RocksOptions& options);
    /// In a forked child nothing is closed: the threads for which closing waits are gone.
    ~OpenedDatabase();
    OpenedDatabase(const OpenedDatabase&) = delete;
    OpenedDatabase& operator=(const OpenedDatabase&) = delete;

    /// Runs a call of RocksDB's. RocksDB is not written for exceptions: if memory runs out inside
    /// of it, locks stay taken and counts wrong, and the next call or the closing would wait for
    /// ever or stop the process. So after that RocksDB is not called any more, and every call
    /// throws `needs_reopen`. The journal has everything that RocksDB had not written yet.
    template <class Call>
    decltype(auto) inside(Call&& call) const {
        if (is_left()) [[unlikely]] {
            refuse();
        }
        try {
            return std::forward<Call>(call)(*database_);
        } catch (const std::bad_alloc&) {
            leave_as_it_is();
            refuse();
        }
    }
    /// Memory ran out inside: nothing may be called, closed or released any more.
    [[nodiscard]] bool is_left() const noexcept { return is_left_.load(std::memory_order_relaxed); }
    [[nodiscard]] BackgroundErrors& errors() const noexcept { return *errors_; }
    /// One of RocksDB's properties, by name; 0 if it is unknown.
    [[nodiscard]] std::uint64_t property(const char* name) const {
        return inside([&](rocksdb::DB& database) {
            std::uint64_t value = 0;
            return database.GetIntProperty(name, &value) ? value : 0;
        });
    }
    [[nodiscard]] const rocksdb::Cache* cache() const noexcept { return cache_.get(); }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] int descriptor() const noexcept { return anchor_.descriptor(); }
    /// The file system through which table files are written. Not for a read-only opening.
    [[nodiscard]] WatchedFiles& watched_files() const noexcept { return *watched_files_; }
    void check_process() const { guard_.check(path_); }
    [[nodiscard]] bool in_child() const noexcept { return guard_.elsewhere(); }

  private:
    OpenedDatabase(const std::string& directory, tree::OpenMode mode, const RocksOptions& options);
    void cut_unfinished_manifest() const;
    void open_with(rocksdb::Options& settings, tree::OpenMode mode);
    void close() noexcept;
    void leave_as_it_is() const noexcept;
    [[noreturn]] void refuse() const;

    tree::ProcessGuard guard_;
    std::string path_;
    AnchoredPath anchor_;
    std::optional<tree::RegisteredDirectory> place_;  ///< none for `OpenMode::live`
    Log log_;
    std::shared_ptr<WatchedFiles> watched_files_;
    std::unique_ptr<rocksdb::Env> environment_;
    std::shared_ptr<BackgroundErrors> errors_;
    std::shared_ptr<rocksdb::Cache> cache_;
    rocksdb::DB* database_ = nullptr;
    mutable std::atomic<bool> is_left_{false};
};

}  // namespace amphora::rocks
