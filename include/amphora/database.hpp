#pragma once

#include <amphora/backup.hpp>
#include <amphora/error.hpp>
#include <amphora/options.hpp>
#include <amphora/reader.hpp>
#include <amphora/repair.hpp>
#include <amphora/statistics.hpp>
#include <amphora/transaction.hpp>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace amphora {

/// What a closure given to `write` returned, and the commit that made it true.
template <class T>
struct Written {
    T value;
    Commit commit;
};

struct Core;  // an open database; engine/database

/// For which store `wait` waits.
enum class Delivery : std::uint8_t { relational, documents, both };

/// One directory, one library, one transaction: a relational store and a document store that commit
/// together.
///
///   auto db = amphora::Database::open("app.amphora", mission::schema);
///
/// One process at a time, and one handle in it; any number of threads. Snapshots, transactions and
/// ranges that outlive `close` answer `transaction_closed`, and keep the directory in use until
/// they are gone. A handle that was moved from answers `transaction_closed`, too. In a forked child
/// every handle answers `used_after_fork`, and may be let go of. The directory may be moved while
/// it is open: the handle stays with it, wherever it is moved, and leaves alone what takes its
/// place.
class Database {
  public:
    /// Opens a directory, or makes it. The schema is compared with what is stored: what is missing
    /// is added where that is possible at once (tables, collections, indexes, columns at the end),
    /// anything else is `schema_mismatch` with the list of differences, and nothing is changed.
    /// Throws: `not_a_database`, `in_use`, `newer_format`, `foreign_piece`, `corrupt`,
    /// `unsupported_filesystem`, `schema_syntax`, `schema_mismatch`, `disk_full`, `io_error`,
    /// `used_after_fork` in a child of a process that had one open, with nothing made.
    /// `transaction_too_large`: an index or a field that is added to what is stored is one
    /// transaction, which takes about the key of each row and document again. The message names
    /// the options under which it fits. Nothing is changed then.
    [[nodiscard]] static Database open(const std::string& path, const Schema& schema,
                                       const Options& options = {});
    /// With several schemas in one database; later ones may refer to tables of earlier ones.
    [[nodiscard]] static Database open(const std::string& path, std::span<const Schema> schemas,
                                       const Options& options = {});
    /// With the schema that is stored, for tools.
    [[nodiscard]] static Database open(const std::string& path, const Options& options = {});
    /// In a directory of its own below the system's temporary one, which vanishes when it is
    /// closed; also if it was moved meanwhile, and nothing that lies in its old place does.
    [[nodiscard]] static Database temporary(const Schema& schema, const Options& options = {});
    [[nodiscard]] static Database temporary(std::span<const Schema> schemas,
                                            const Options& options = {});

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    /// As `close`, but keeps an error to itself (it goes to the log).
    ~Database();

    /// Runs `body(Transaction&)` as one transaction and commits it. Returns the commit, or with a
    /// value from `body` both. If `body` throws, nothing happened, and the exception goes on once
    /// everything that the transaction read is visible, also where `body` has rolled it back
    /// itself. `body` is run once. A `write`, `begin` or `wait` inside is `would_deadlock`.
    template <class Body>
    auto write(Body&& body, const WriteOptions& options = {}) {
        using Result = std::invoke_result_t<Body, Transaction&>;
        Transaction transaction = begin(options);
        if constexpr (std::is_void_v<Result>) {
            guard(transaction, [&] { std::invoke(std::forward<Body>(body), transaction); });
            return transaction.commit();
        } else {
            std::optional<Result> value;
            guard(transaction,
                  [&] { value.emplace(std::invoke(std::forward<Body>(body), transaction)); });
            const Commit commit = transaction.commit();
            return Written<Result>{std::move(*value), commit};
        }
    }

    /// Waits for its turn among the writers. Throws `timeout`, `outbox_full`, `documents_stalled`,
    /// `needs_reopen`, `read_only`, `would_deadlock`.
    [[nodiscard]] Transaction begin(const WriteOptions& options = {});

    /// Both stores as of the last visible commit.
    [[nodiscard]] Snapshot snapshot() const;

    /// Waits until the trees of that store hold `commit` in a way that their readers see; what
    /// `snapshot` shows needs no wait. False: `timeout` passed. Throws `commit_lost` if a crash
    /// took the commit, `needs_reopen` if a tree takes nothing more before the next open.
    bool wait(const Commit& commit, Delivery delivery = Delivery::both,
              std::optional<std::chrono::milliseconds> timeout = std::nullopt) const;
    /// Waits until `commit` is on stable storage, whatever its own durability was, and until the
    /// disk also says that it is: damage to it is then always found and never taken for an
    /// unfinished write. Of a `synced` commit the next commit says it, or a mark that is
    /// written after 50 ms of quiet (5 s in `Profile::edge`).
    void sync(const Commit& commit) const;

    [[nodiscard]] Statistics statistics() const;
    /// The tables and collections, in the order of their declaration.
    [[nodiscard]] std::vector<SpaceReport> describe() const;
    /// The schema as stored, as text that `open` takes.
    [[nodiscard]] std::string schema_text() const;

    /// Walks every invariant of both stores and of the journal. Beside readers and writers; takes
    /// time in proportion to the data. Where a page of the relational store is damaged, the rows
    /// are not walked: following such a page may end the process. Nothing else finds a page that
    /// the disk lost a write of and that is therefore an older one: reads show its old rows. Throws
    /// `io_error` where the system refuses to read: that says nothing about what is there.
    [[nodiscard]] CheckReport check() const;
    /// The same for a database that is closed and perhaps does not open at all: every piece is
    /// looked at by itself first, and what cannot be read becomes a finding. Changes no file. No
    /// damage ends the process. Throws `not_a_database`, `in_use`, `newer_format`.
    [[nodiscard]] static CheckReport check_directory(const std::string& path,
                                                     CheckDepth depth = CheckDepth::ordinary,
                                                     const Options& options = {});

    /// Makes a sound database of a damaged one, beside it: everything that still verifies in the
    /// stores, then every commit after that which the journal still holds, then all indexes anew.
    /// What does not hold together any more (a row whose checksum does not match, or whose parent
    /// is gone) goes into the file quarantine.jsonl of the new directory, with its bytes. The
    /// result passes a deep check, or nothing is put in place. `RepairReport::whole` says whether
    /// anything is missing or may be missing.
    ///
    /// `schemas` bring back definitions that were in the catalog and cannot be read; without them
    /// all entries of such a table or collection go into quarantine. A definition that can be read
    /// stays in force.
    ///
    /// The result lives in a new timeline, because commits may have been lost. Nothing is ever
    /// written into the damaged directory; when the new one is complete and synced, they change
    /// places in one step, and the damaged one is kept as PATH.damaged. Needs room for a second
    /// database, also for a dry run.
    ///
    /// Throws `corrupt` where nothing can be saved (the message says which piece is beyond that),
    /// `schema_mismatch` where a schema contradicts a definition that can be read, `schema_syntax`,
    /// `not_a_database`, `in_use`, `foreign_piece`, `newer_format`, `disk_full`, `io_error`.
    static RepairReport repair_directory(const std::string& path,
                                         RepairMode mode = RepairMode::dry_run,
                                         const Options& options = {},
                                         std::span<const Schema> schemas = {});

    /// Gives unused space back to the operating system. The document store while others go on; the
    /// relational store by a copy, only where this is the only user: `close` first, then
    /// `compact_directory`.
    void compact();
    /// Compacts the relational store of a database that is closed. Returns the bytes won.
    static std::uint64_t compact_directory(const std::string& path, const Options& options = {});

    /// Copies the database into a new directory, see backup.hpp, while readers and writers go on.
    /// The copy holds every commit that had returned when the call began, and is both stores as of
    /// one commit. While it is made the journal keeps everything, so it grows; a writer that meets
    /// its bound is told so by `outbox_full`. Other backups of this handle wait. An empty directory
    /// at `destination` becomes the backup. Throws `invalid_argument` if anything else is at
    /// `destination`, or if that lies in the database's own directory, `in_use` if another process
    /// is making a backup there, `read_only`, `disk_full`, `io_error`, `corrupt`; the database is
    /// as it was.
    BackupReport backup(const std::string& destination, const BackupOptions& options = {}) const;
    /// Makes a database of a backup, in a new timeline. Throws `not_a_database` if `backup` is
    /// none, `foreign_piece` if its pieces, or those of the archive, do not belong together or some
    /// are missing, and as `backup` does.
    static RestoreReport restore(const std::string& backup, const std::string& destination,
                                 const RestoreOptions& options = {});
    /// Copies into an archive what it lacks of the journal, up to the last durable commit; also
    /// from a database that is opened read-only. With `Options::archive_directory` this happens by
    /// itself, segment by segment. Throws `foreign_piece` if the archive holds other segments under
    /// the same names, `invalid_argument` if it lies inside the database, `disk_full`, `io_error`.
    ArchiveReport archive(const std::string& directory,
                          const CopyProgress& progress = nullptr) const;
    /// What can be restored from an archive.
    [[nodiscard]] static std::vector<ArchiveRange> archived(const std::string& directory);

    /// Delivers what is pending, syncs, and lets go of everything. Transactions that are open are
    /// dropped.
    void close();

    [[nodiscard]] const std::string& path() const;

  private:
    explicit Database(std::shared_ptr<Core> core) noexcept;
    /// Throws `transaction_closed` for a handle that was moved from.
    [[nodiscard]] Core& core() const;

    template <class Call>
    static void guard(Transaction& transaction, Call&& call) {
        try {
            call();
        } catch (...) {
            if (!transaction.has_ended()) transaction.rollback();
            throw;
        }
    }

    std::shared_ptr<Core> core_;
};

}  // namespace amphora
