#pragma once

#include <amphora/backup.hpp>
#include <amphora/commit_observer.hpp>
#include <amphora/consumer.hpp>
#include <amphora/error.hpp>
#include <amphora/feed.hpp>
#include <amphora/options.hpp>
#include <amphora/query_observer.hpp>
#include <amphora/reader.hpp>
#include <amphora/repair.hpp>
#include <amphora/statistics.hpp>
#include <amphora/transaction.hpp>

#include <chrono>
#include <concepts>
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

/// The value that the closure of `write` returned, and the commit that made its changes durable.
template <class T>
struct Written {
    T value;
    Commit commit;
};

namespace detail {
struct Core;  // an open database; engine/database
class SystemAccess;
}  // namespace detail

/// The store for whose tree `wait` waits.
enum class Delivery : std::uint8_t { relational, documents, both };

/// An open database: one directory with a relational store and a document store that commit
/// together.
///
///   auto db = amphora::Database::open("app.amphora", mission::schema);
///   auto signup = db.write([](amphora::Transaction& tx) {
///       auto user = tx.insert(mission::users, {.name = "Kim", .email = "kim@example.com"});
///       tx.insert(mission::activity_logs, {{"user_id", user.user_id}, {"event", "signup"}});
///       return user.user_id;
///   });
///   amphora::Snapshot now = db.snapshot();
///   std::optional<mission::User> user = now.find(mission::users, signup.value);
///
/// One process at a time can open a directory, and it can have one `Database` for it. Any number of
/// threads may use a `Database` at once.
///
/// Snapshots, transactions and ranges may outlive `close`. They then throw `transaction_closed`,
/// and they keep the directory in use until they are destroyed. After `close` each call of the
/// `Database` except `close` and `path` throws `transaction_closed`, and so does each call of a
/// handle that was moved from. In a forked child every handle throws `used_after_fork`, and may be
/// destroyed. Where memory runs out, calls throw `std::bad_alloc`. The lists below do not repeat
/// these. The directory may be moved while it is open: the handle continues to use the moved
/// directory, and leaves alone whatever takes the old name.
class Database {
  public:
    /// Opens a database, or makes one (`Options::mode`). The schema is compared with the stored
    /// one. Missing tables, collections, indexes and columns at the end of a table are added, and
    /// missing constraints if all stored rows and documents satisfy them, in one commit. Any other
    /// difference throws `schema_mismatch`, whose message lists the differences, or names the first
    /// row or document that does not satisfy a constraint. Nothing is changed then. System tables
    /// and collections (`Spaces`) that are missing are made in the same commit.
    ///
    /// Adding an index or a field to stored rows or documents is one transaction, which needs about
    /// the size of all their keys. If that exceeds `commit_bytes_max`, `open` throws
    /// `transaction_too_large`, nothing is changed, and the message names the options with which it
    /// fits.
    ///
    /// Throws `not_a_database`, `in_use`, `newer_format`, `foreign_piece`, `corrupt`,
    /// `unsupported_filesystem`, `schema_syntax`, `schema_mismatch`, `unsupported`,
    /// `transaction_too_large`, `invalid_argument` for an empty path and for options that
    /// contradict each other, `disk_full`, `io_error`, and `used_after_fork` in a child of a
    /// process that had opened a database. Where the schema adds something, also what a commit
    /// throws: `outbox_full`, `documents_stalled`, `needs_reopen`, `outcome_unknown`.
    [[nodiscard]] static Database open(const std::string& path, const Schema& schema,
                                       const Options& options = {});
    /// The same with several schemas in one database. Later ones may refer to tables of earlier
    /// ones.
    [[nodiscard]] static Database open(const std::string& path, std::span<const Schema> schemas,
                                       const Options& options = {});
    /// The same with the schema that is stored, for tools.
    [[nodiscard]] static Database open(const std::string& path, const Options& options = {});
    /// A database in a new directory below the system's directory for temporary files. It is
    /// removed when the database is closed, also if it was moved meanwhile; another directory that
    /// has taken its old name is left alone. `Options::mode` is ignored.
    [[nodiscard]] static Database temporary(const Schema& schema, const Options& options = {});
    [[nodiscard]] static Database temporary(std::span<const Schema> schemas,
                                            const Options& options = {});

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    /// As `close`. An error goes to the log instead of the caller.
    ~Database();

    /// Runs `body(Transaction&)` once, as one transaction, and commits it. Returns the commit; if
    /// `body` returns a value, both (`Written`).
    ///
    /// If `body` throws, the transaction is rolled back and the exception is rethrown, after
    /// everything that the transaction has read is visible. If the journal fails before that,
    /// `outcome_unknown` or `needs_reopen` is thrown instead. `body` may roll back itself, and then
    /// throw. A `write`, `begin` or `wait` on this thread inside of `body` throws `would_deadlock`.
    /// Also throws what `begin` and `Transaction::commit` throw.
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

    /// Waits for the writer's turn and begins a transaction. Writers run one at a time, first come,
    /// first served.
    ///
    /// Throws `timeout` when `WriteOptions::timeout` has passed, `outbox_full` or `disk_full` where
    /// not even a removal of a row would be taken, `needs_reopen`, `read_only`, `would_deadlock` if
    /// this thread has a write transaction open, `io_error`. What a store does not take at the
    /// moment is thrown by the statements: `outbox_full`, `documents_stalled`, `disk_full`.
    [[nodiscard]] Transaction begin(const WriteOptions& options = {});

    /// Both stores as of the last visible commit. Any thread; does not wait for writers or for
    /// delivery. Throws `io_error`.
    [[nodiscard]] Snapshot snapshot() const;

    /// With `OpenMode::live`, moves to the newest commit: snapshots that are taken from now on show it.
    /// Returns the commit that they show. Reads only what is new, except where the owner has reused the
    /// journal meanwhile, was replaced, or has changed the schema: then everything is opened anew, and
    /// the stored schema is in force. Snapshots from before stay as they are. Any thread. In other modes
    /// it only returns the last visible commit.
    ///
    /// Throws what `open` throws. Where files are replaced while they are read it tries again for 5 s,
    /// and then throws `timeout`, or the error that it met; what was shown before is still shown.
    Commit refresh();

    /// The changes of both stores, in the order of their commits; see feed.hpp. Any number at a
    /// time, on any thread, also of a database that was opened read-only.
    ///
    /// Throws `no_such_table`, `no_such_column`, `type_mismatch`, `unsupported` or
    /// `invalid_argument` for a selection that the schema does not have or that makes no sense,
    /// `unknown_position` and `feed_gap` for `FeedOptions::after`, `corrupt`, `io_error`; with
    /// `FeedStart::snapshot` also `outcome_unknown` and `needs_reopen`, because the snapshot must be
    /// durable.
    [[nodiscard]] Feed feed(const FeedOptions& options = {}) const;

    /// Runs `handler` for every selected change, one after the other, each exactly once; see
    /// consumer.hpp. `name` identifies the consumer for ever: one that has run before continues
    /// where it was. While it is not run, the journal keeps what it has not seen.
    ///
    /// Throws `in_use` if a consumer of that name runs, `consumer_changed` if it was run with other
    /// selections before, `unknown_position` or `feed_gap` if it cannot continue,
    /// `invalid_argument` for options that make no sense, what `feed` throws for a selection, and
    /// what `begin` and a commit throw.
    [[nodiscard]] Subscription consume(const std::string& name,
                                       const std::vector<Selection>& selections,
                                       ChangeHandler handler, const ConsumerOptions& options = {});
    [[nodiscard]] Subscription consume(const std::string& name, const Selection& selection,
                                       ChangeHandler handler, const ConsumerOptions& options = {}) {
        return consume(name, std::vector<Selection>{selection}, std::move(handler), options);
    }
    /// The same for slow work, which should not hold up other writers: calling a model, rendering a
    /// page. `prepare(const Snapshot&, const Change&)` returns the work for a change. It runs on
    /// `ConsumerOptions::workers` threads at once, outside of any transaction. Its snapshot is
    /// durable, and not older than the change. `apply(Transaction&, const Change&, Work&)` then runs
    /// in the transaction, in the order of the changes. What `prepare` throws counts as an attempt.
    /// Each attempt prepares the change anew, and a kill may have it prepared again, so a
    /// preparation with effects outside of the database has them at least once.
    template <std::invocable<const Snapshot&, const Change&> Prepare, class Apply>
    [[nodiscard]] Subscription consume(const std::string& name,
                                       const std::vector<Selection>& selections, Prepare prepare,
                                       Apply apply, const ConsumerOptions& options = {}) {
        using Work = std::invoke_result_t<Prepare&, const Snapshot&, const Change&>;
        return consume_prepared(
            name, selections,
            [prepare = std::move(prepare)](const Snapshot& snapshot, const Change& change) mutable {
                return std::make_shared<Work>(std::invoke(prepare, snapshot, change));
            },
            [apply = std::move(apply)](Transaction& transaction, const Change& change,
                                       void* work) mutable {
                std::invoke(apply, transaction, change, *static_cast<Work*>(work));
            },
            options);
    }
    template <std::invocable<const Snapshot&, const Change&> Prepare, class Apply>
    [[nodiscard]] Subscription consume(const std::string& name, const Selection& selection,
                                       Prepare prepare, Apply apply,
                                       const ConsumerOptions& options = {}) {
        return consume(name, std::vector<Selection>{selection}, std::move(prepare),
                       std::move(apply), options);
    }
    /// All consumers that the database knows, whether they run or not, by name.
    [[nodiscard]] std::vector<ConsumerReport> consumers() const;
    /// Has a consumer handle nothing until `resume_consumer`, also over openings. One that runs ends
    /// the change that it has in hand. Throws `no_such_consumer`.
    void pause_consumer(const std::string& name);
    void resume_consumer(const std::string& name);
    /// Has a consumer read one of its tables or collections again, by itself: each row or document
    /// comes once as `ChangeKind::read`, in chunks of 1000, each as of a commit of its own, while the
    /// changes of all its sources continue. A row that comes as `read` is in order with its changes:
    /// those before that commit came earlier, and those after it come later. All changes come, also
    /// of rows that are not read yet, because the handler has had these rows before: one that is
    /// erased meanwhile, or that its condition selects no more, comes only as this change.
    ///
    /// So this is for handlers that may get a row several times, as one that keeps a copy or an
    /// index outside. Nothing that the handler has done is undone. One that counts starts again
    /// instead (`ChangedSelections::starts_again`).
    ///
    /// The request is stored by the commit that is returned; `Subscription::await` of it waits until
    /// everything is read. It survives a restart, and a consumer that does not run, or is paused,
    /// serves it when it runs next. Requests are served in their order, each after what is being
    /// read. One for a source that already waits is the same request; one for the source that is
    /// being read at the moment makes it be read once more. A consumer that starts again with a
    /// snapshot forgets them.
    ///
    /// Throws `no_such_consumer`; `invalid_argument` for a named reader, and for a source of which
    /// the consumer selects nothing that is read (`changes` and `inserts` do); `would_deadlock`
    /// inside this thread's own write transaction; and what a commit throws.
    Commit read_again(const std::string& consumer, const SourceName& source);
    /// Forgets a consumer or a named reader that does not run: the journal keeps nothing for it any more, and a later
    /// `consume` of that name begins anew. Its dead letters stay, and nothing waits for them. Throws `no_such_consumer`,
    /// `in_use`.
    void drop_consumer(const std::string& name);

    /// The changes that consumers have set aside, or one consumer has: by consumer, then in the order
    /// of the changes.
    [[nodiscard]] std::vector<DeadLetter> dead_letters(const std::string& consumer = {}) const;
    /// Has a dead letter given to its handler again: at once if the consumer runs, or else when it
    /// runs next. Its effects and its removal are one commit. With `partition_by` the later changes
    /// of its partition follow it. False: there is no letter with that id that is dead.
    bool replay_dead_letter(const std::string& id);
    /// Removes a letter: its change will have no effect, and with `partition_by` the later changes of
    /// its partition do not wait for it any more. False: there is none.
    bool drop_dead_letter(const std::string& id);

    /// Calls `callback` after commits that have changed one of these tables and collections (none
    /// named: any), on a thread of the engine; see commit_observer.hpp. Throws `no_such_table`.
    [[nodiscard]] CommitObserver on_commit(const std::vector<std::string>& names,
                                           std::function<void(const Committed&)> callback) const;

    /// Calls `callback` with what a query selects, and then with the differences whenever that has
    /// changed, on a thread of the engine; see commit_observer.hpp and query_observer.hpp. Throws
    /// `no_such_table`, and for conditions or a filter that make no sense what `Reader::scan` and
    /// `Reader::find` throw.
    template <class Row>
    [[nodiscard]] CommitObserver observe(
        const TypedTable<Row>& table, const std::type_identity_t<TypedConditions<Row>>& conditions,
        std::type_identity_t<std::function<void(const Differences<Row>&)>> callback,
        const ObserveOptions& options = {}) const {
        return observe_rows<Row>(table.table, conditions.conditions(), std::move(callback),
                                 &detail::from_row<Row>, options);
    }
    [[nodiscard]] CommitObserver observe(const Table& table, const Conditions& conditions,
                                         std::function<void(const Differences<Record>&)> callback,
                                         const ObserveOptions& options = {}) const {
        return observe_rows<Record>(
            table, conditions, std::move(callback), [](const RowView& row) { return row.record(); },
            options);
    }
    /// Documents, by a filter as for `Reader::find`; the empty one selects all.
    [[nodiscard]] CommitObserver observe(const Collection& collection, const Document& filter,
                                         std::function<void(const Differences<Document>&)> callback,
                                         const ObserveOptions& options = {}) const;

    /// Waits until `commit` is delivered: until the readers of the trees themselves see it. A
    /// `snapshot` needs no such wait, because it shows commits that are not delivered yet. Returns
    /// false when `timeout` has passed; none: no limit. Throws `commit_lost` if a crash has taken
    /// the commit, `needs_reopen` or `outcome_unknown` if a tree takes nothing more before the next
    /// opening, `would_deadlock` inside this thread's own write transaction, `read_only` for a
    /// commit that a database opened read-only will never deliver.
    bool wait(const Commit& commit, Delivery delivery = Delivery::both,
              std::optional<std::chrono::milliseconds> timeout = std::nullopt) const;
    /// Waits until `commit` is on stable storage, whatever its own durability, and until the
    /// journal also holds the proof of that. With the proof, damage to the commit is always found,
    /// and never taken for an unfinished write. For a `synced` commit the next commit is the proof,
    /// or a mark that is written after 50 ms without commits (5 s in `Profile::edge`), or after
    /// `Options::sync_interval_ms` if that is longer. Where no segment has room for the mark,
    /// `sync` returns without the proof. Throws `read_only`, `commit_lost`, `outcome_unknown`,
    /// `needs_reopen`, `would_deadlock`.
    void sync(const Commit& commit) const;

    /// Sizes, counts and times of this opening. Any thread.
    [[nodiscard]] Statistics statistics() const;
    /// The tables and collections, in the order of their declaration.
    [[nodiscard]] std::vector<SpaceReport> describe(Spaces spaces = Spaces::of_users) const;
    /// The schema as stored, as text that `open` takes; with `Spaces::all` also the declarations of
    /// system tables and collections, which no schema may have.
    [[nodiscard]] std::string schema_text(Spaces spaces = Spaces::of_users) const;

    /// Checks every invariant of both stores and of the journal, and returns what is wrong. Readers
    /// and writers continue meanwhile. The time is in proportion to the data.
    ///
    /// If a page of the relational store is damaged, its rows are not walked, because following
    /// such a page may end the process. This check is also the only way to find a page whose last
    /// write the disk has lost: the old page is valid, and reads return its old rows. Throws
    /// `io_error` where the operating system refuses to read, which says nothing about the data.
    [[nodiscard]] CheckReport check() const;
    /// The same for a database that is closed, and that perhaps does not open at all. Every piece
    /// is checked by itself first, and one that cannot be read becomes a finding. Changes no file.
    /// No damage ends the process. Throws `not_a_database`, `in_use`, `newer_format`,
    /// `unsupported_filesystem`, `io_error`.
    [[nodiscard]] static CheckReport check_directory(const std::string& path,
                                                     CheckDepth depth = CheckDepth::ordinary,
                                                     const Options& options = {});

    /// Makes a sound database of a damaged one, in a directory next to it: everything in the stores
    /// that still verifies, then every later commit that the journal still holds, then all indexes
    /// anew. Rows and documents that do not verify, or whose parent is missing, are written to the
    /// file quarantine.jsonl of the new directory, with their bytes. The result passes a deep
    /// check, or it is not put in place. `RepairReport::whole` says whether anything is missing, or
    /// may be missing.
    ///
    /// `schemas` give definitions that were in the catalog and cannot be read any more. Without
    /// them all entries of such a table or collection go into quarantine. A definition that can be
    /// read stays in force.
    ///
    /// The result has a new timeline, because commits may have been lost. When the new directory is
    /// complete and synced, the two change places in one step, and the damaged one is kept
    /// unchanged as PATH.damaged. Needs disk space for a second database, also for a dry run. Where
    /// only the file IDENTITY is damaged, it is written again in place, and nothing else is done.
    ///
    /// Throws `corrupt` where nothing can be saved (the message names the piece), `schema_mismatch`
    /// where a schema contradicts a definition that can be read, `schema_syntax`, `not_a_database`,
    /// `in_use`, `foreign_piece`, `newer_format`, `disk_full`, `io_error`.
    static RepairReport repair_directory(const std::string& path,
                                         RepairMode mode = RepairMode::dry_run,
                                         const Options& options = {},
                                         std::span<const Schema> schemas = {});

    /// Removes every document that has expired by the clock as it is now, and returns how many there
    /// were. A collection says which of its documents expire:
    /// WITH (retain = '90 days', retain_by = 'at'); see schema/README.md.
    ///
    /// No program needs to call this: while a database is open for writing, a thread of the engine
    /// looks for expired documents once a minute, and for those that were inserted with a moment
    /// long ago every ten minutes. It begins when the wall clock has run for ten minutes without
    /// being set, because a wrong clock would expire everything. This call does not wait for that:
    /// the caller says that the clock is right. A program that runs for shorter times calls it.
    ///
    /// Each removal is an ordinary one, in a small commit of the durability `written` with the
    /// origin "amphora.retain" (`Change::is_expired`). Other writers have their turns in between.
    ///
    /// Throws `read_only`, `would_deadlock` inside this thread's own write transaction, and what
    /// `begin` and a commit throw; what was removed before stays removed. Documents that cannot be
    /// removed are passed, and the error of the first of them is thrown at the end: `corrupt`,
    /// `transaction_too_large`.
    std::uint64_t expire_now();

    /// Gives unused space of the document store back to the operating system, while readers and
    /// writers continue. For the relational store call `close`, and then `compact_directory`.
    /// Throws `read_only`, `disk_full`, `io_error`, `needs_reopen`.
    void compact();
    /// Compacts the relational store of a closed database, through a copy. Returns the number of
    /// bytes by which the file has shrunk. Throws `not_a_database`, `in_use`, `corrupt`,
    /// `newer_format`, `unsupported_filesystem`, `disk_full`, `io_error`.
    static std::uint64_t compact_directory(const std::string& path, const Options& options = {});

    /// Copies the database into a new directory while readers and writers continue; see backup.hpp.
    /// The copy is both stores as of one commit, and holds every commit that had returned when the
    /// call began.
    ///
    /// The journal is not recycled meanwhile, so it grows. If it reaches its bound, writers get
    /// `outbox_full`. One handle makes one backup at a time; further calls wait. An empty directory
    /// at `destination` becomes the backup.
    ///
    /// Throws `invalid_argument` if anything else is at `destination`, or if `destination` is
    /// inside the database's own directory; `in_use` if another process makes a backup there;
    /// `read_only`, `unsupported_filesystem`, `disk_full`, `io_error`, `corrupt`; `outcome_unknown`
    /// or `needs_reopen` if the journal fails meanwhile. The database is not changed by a failure.
    BackupReport backup(const std::string& destination, const BackupOptions& options = {}) const;
    /// Makes a database of a backup, in a new timeline; see backup.hpp. Throws `not_a_database` if
    /// `backup` is no backup or lacks a folder, `foreign_piece` if parts of the backup or of the
    /// archive are missing or do not belong together, `invalid_argument` for an end that does not
    /// exist, and what `backup` throws for `destination`.
    static RestoreReport restore(const std::string& backup, const std::string& destination,
                                 const RestoreOptions& options = {});
    /// Copies into an archive everything of the journal that it lacks, up to the last durable
    /// commit. Works for a read-only handle, too. With `Options::archive_directory` the engine does
    /// this by itself, segment by segment. Throws `foreign_piece` if the archive holds other
    /// segments under the same names, `invalid_argument` if the archive is inside the database,
    /// `corrupt`, `disk_full`, `io_error`.
    ArchiveReport archive(const std::string& directory,
                          const CopyProgress& progress = nullptr) const;
    /// The ranges of commits in an archive that can be restored. Throws `not_a_database` if there
    /// is no such directory.
    [[nodiscard]] static std::vector<ArchiveRange> archived(const std::string& directory);

    /// Delivers all commits, syncs, and closes the directory. Open transactions are dropped. A
    /// second call does nothing. Throws `outcome_unknown` or `needs_reopen` if the journal failed;
    /// commits that were durable stay durable.
    void close();

    /// The path that `open` was given.
    [[nodiscard]] const std::string& path() const;

  private:
    friend class detail::SystemAccess;
    [[nodiscard]] Subscription consume_prepared(const std::string& name,
                                                const std::vector<Selection>& selections,
                                                detail::Preparation prepare,
                                                detail::PreparedHandler apply,
                                                const ConsumerOptions& options);
    template <class State, class Make>
    [[nodiscard]] CommitObserver observe_rows(
        const Table& table, const Conditions& conditions,
        std::function<void(const Differences<State>&)> callback, Make make,
        const ObserveOptions& options) const {
        if (!callback) return observe_views(table, conditions, nullptr, options);
        return observe_views(
            table, conditions,
            [callback = std::move(callback), make](const Differences<RowView>& views) {
                callback(detail::converted<State>(views, make));
            },
            options);
    }
    [[nodiscard]] CommitObserver observe_views(
        const Table& table, const Conditions& conditions,
        std::function<void(const Differences<RowView>&)> callback,
        const ObserveOptions& options) const;
    explicit Database(std::shared_ptr<detail::Core> core) noexcept;
    /// Throws `transaction_closed` for a handle that was moved from.
    [[nodiscard]] detail::Core& core() const;
    /// What to read from. With `OpenMode::live` a refresh may replace it.
    [[nodiscard]] std::shared_ptr<detail::Core> current() const;

    template <class Call>
    static void guard(Transaction& transaction, Call&& call) {
        try {
            call();
        } catch (...) {
            if (!transaction.has_ended()) transaction.rollback();
            throw;
        }
    }

    std::shared_ptr<detail::Core> core_;
};

}  // namespace amphora
