#pragma once

#include <amphora/options.hpp>
#include <amphora/reader.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace amphora {

namespace detail {
class ConsumerRun;  // gives a transaction to a handler; engine/database/consumers
}

/// A write transaction: reads one state of both stores, collects changes to rows and documents, and
/// commits them together or not at all. Writers run one at a time, from `begin` to `commit` or
/// `rollback`, so what a transaction has read still holds when it commits. A statement that throws
/// changes nothing, and the transaction can continue.
///
/// Writing while iterating is safe. A range shows what `scan` or `find` found when it was called,
/// the transaction's earlier writes included. Later inserts, changes and removals do not show in
/// the range: no row or document is skipped, and none comes twice. A view is valid only until its
/// row or document is written again: copy what is needed after that.
///
///   for (const DocumentView visit : tx.find(visits, R"({"page": "home"})")) {
///       const BsonValue id{*visit.field("_id")};
///       tx.update(visits, Id{id}, {{"$set", Document{{"page", "start"}}}});
///   }
///
/// Threads: one at a time; the transaction may move to another thread between calls. If two threads
/// use it at once, one of them gets `invalid_argument`, and the call of the other is not affected.
/// A handle that was moved from throws `transaction_closed`.
class Transaction : public Reader {
  public:
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) noexcept;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    /// Drops all changes if neither `commit` nor `rollback` was called.
    ~Transaction();

    // A statement throws what a reader throws, and
    //
    //   duplicate_key, not_null_violation, check_violation, foreign_key_violation
    //                       where a constraint does not hold
    //   type_mismatch, value_out_of_range, value_too_large, invalid_utf8, malformed_json
    //                       where a column or field does not take a value
    //   schema_mismatch     where a row of cells has more or fewer columns than the stored table
    //   invalid_argument    where only the engine writes to the table or collection (`Spaces`)
    //   transaction_too_large
    //                       where the transaction would hold more than `commit_bytes_max`
    //   outbox_full, documents_stalled, disk_full
    //                       where a store takes no more at the moment
    //
    // and statements of documents also
    //
    //   invalid_argument    an _id that is an array or a regular expression, a declared field that
    //                       is there twice, an update that makes no sense or changes the _id
    //   unsupported         an operator that engine/document/README.md does not list

    // Rows, typed. A row to insert, `NewUser`, is usually written in place, with the names of its
    // members; the others take their DEFAULT. A row that was read, `User`, can be given instead.
    //
    //   const mission::User kim = tx.insert(mission::users, {.name = "Kim", .email = "kim@b.org"});

    /// Inserts a row, and returns it as stored, with generated values. `duplicate_key` if the key
    /// exists.
    template <class Row>
    Row insert(const TypedTable<Row>& table, const typename TableTraits<Row>::New& row) {
        return insert_cells(table, detail::new_cells<Row>(row));
    }
    template <class Row, std::same_as<Row> Read>
    Row insert(const TypedTable<Row>& table, const Read& row) {
        return insert_cells(table, detail::to_cells(row));
    }
    /// Inserts the row, or replaces the one with the same primary key. Returns it as stored.
    template <class Row>
    Row put(const TypedTable<Row>& table, const typename TableTraits<Row>::New& row) {
        return put_cells(table, detail::new_cells<Row>(row));
    }
    template <class Row, std::same_as<Row> Read>
    Row put(const TypedTable<Row>& table, const Read& row) {
        return put_cells(table, detail::to_cells(row));
    }
    /// Replaces the row with the same primary key, if there is one: a column that `row` does not
    /// name gets its DEFAULT. Was there one?
    template <class Row>
    bool replace(const TypedTable<Row>& table, const typename TableTraits<Row>::New& row) {
        return replace_row(table.table, detail::new_cells<Row>(row));
    }
    template <class Row, std::same_as<Row> Read>
    bool replace(const TypedTable<Row>& table, const Read& row) {
        return replace_row(table.table, detail::to_cells(row));
    }
    /// Gives new values to some columns of the row with that primary key, and leaves the others as
    /// they are. Of two values for one column the last counts. Was there one?
    ///
    ///   tx.update(users, 1, set(&User::name, "Kim"), set(&User::points, 70));
    template <class Row, std::same_as<Assignment<Row>>... More>
    bool update(const TypedTable<Row>& table, const KeyOf<Row>& key,
                const std::type_identity_t<Assignment<Row>>& first, const More&... more) {
        Record changes;
        changes.set(first.column(), first.value());
        (changes.set(more.column(), more.value()), ...);
        return update_columns(table.table, key.cells(), changes);
    }
    /// Lets `change` alter the row with that primary key, then stores it. Was there one?
    ///
    ///   tx.update(users, 1, [](User& user) { user.points += 10; });
    template <class Row, std::invocable<Row&> Change>
    bool update(const TypedTable<Row>& table, const KeyOf<Row>& key, Change&& change) {
        std::optional<Row> row = find(table, key);
        if (!row) return false;
        std::invoke(std::forward<Change>(change), *row);
        return replace_row(table.table, key.cells(), detail::to_cells(*row));
    }
    /// Removes the row and, through ON DELETE CASCADE, the rows and documents that refer to it. Was
    /// there one?
    template <class Row>
    bool erase(const TypedTable<Row>& table, const KeyOf<Row>& key) {
        return erase_row(table.table, key.cells());
    }

    // Rows in dynamic form. A column that the record does not name takes its DEFAULT (insert, put,
    // replace) or keeps its value (update).
    Record insert(const Table& table, const Record& row);
    Record put(const Table& table, const Record& row);
    bool replace(const Table& table, const Record& row);
    bool update(const Table& table, const RowKey& key, const Record& changes);
    bool erase(const Table& table, const RowKey& key);

    // Rows as cells, one for each column, in the order of declaration. `stored` shows the row as it
    // is stored.
    void insert_row(const Table& table, std::span<const Cell> cells, RowView& stored);
    /// Inserts several rows as one statement: all or none. They may refer to each other, also in a
    /// circle, because foreign keys are checked after all of them are inserted.
    void insert_rows(const Table& table, std::span<const std::vector<Cell>> rows);
    void put_row(const Table& table, std::span<const Cell> cells, RowView& stored);
    /// Replaces the row with the primary key that `cells` have.
    bool replace_row(const Table& table, std::span<const Cell> cells);
    /// Replaces the row with the primary key `key`, which `cells` may change.
    bool replace_row(const Table& table, std::span<const Cell> key, std::span<const Cell> cells);
    bool erase_row(const Table& table, std::span<const Cell> key);

    // Documents. `amphora::now`, anywhere in a document or an update, becomes the moment at which
    // the transaction began.
    /// Inserts a document, and returns its _id. One without an _id gets a new ObjectId.
    BsonValue insert(const Collection& collection, const Document& document);
    /// Inserts the document, or replaces the one with the same _id. Returns the _id.
    BsonValue put(const Collection& collection, const Document& document);
    /// Applies an update (`{"$set": {...}}` and the like, or a replacement) to the document with
    /// that _id. Was there one?
    bool update(const Collection& collection, const Id& id, const Document& change);
    /// Applies an update to every document that the filter selects, and returns how many there
    /// were. A replacement, which is a document without operators (an empty one, too), is
    /// `invalid_argument`: it would make all of them equal.
    std::uint64_t update_all(const Collection& collection, const Document& filter,
                             const Document& change);
    /// Removes the document with that _id. Was there one?
    bool erase(const Collection& collection, const Id& id);
    /// Removes every document that the filter selects, and returns how many there were.
    std::uint64_t erase_all(const Collection& collection, const Document& filter);

    /// Adds an event to this commit: it happens if and only if the commit does. `amphora::now` in
    /// the payload becomes the moment at which the transaction began. `Database::feed` shows it once
    /// the commit is durable. Throws `invalid_argument` for an empty topic, `value_too_large` where
    /// topic and payload together are no document, and `transaction_too_large`.
    void publish(std::string_view topic, const Document& payload);

    /// A place within one transaction to which that transaction can return. Only `savepoint` makes
    /// one. Copies mean the same place.
    class Savepoint {
      private:
        friend class Transaction;
        Savepoint(std::uint64_t transaction, std::uint64_t number, std::uint64_t stamp) noexcept
            : transaction_{transaction}, number_{number}, stamp_{stamp} {}

        std::uint64_t transaction_;
        std::uint64_t number_;  // in the order in which they were taken, from 1
        std::uint64_t stamp_;   // of the last write before it
    };
    [[nodiscard]] Savepoint savepoint();
    /// Undoes everything that was written or published after `savepoint`, to which the transaction
    /// may return again. Savepoints that were taken after it end. Throws `invalid_argument`, with
    /// nothing changed, for a savepoint that has ended and for one of another transaction.
    void rollback_to(const Savepoint& savepoint);
    /// Ends `savepoint` and the ones taken after it. Their changes stay. Throws as `rollback_to`.
    void release(const Savepoint& savepoint);

    /// Commits all changes, in both stores. Returns when the commit is visible, and survives what
    /// its `Durability` says. The transaction has ended, also if this throws.
    ///
    /// Throws, with nothing committed, `disk_full` where a tree or the journal has no room,
    /// `io_error` where the journal's next file cannot be made, `transaction_too_large` where the
    /// changes do not fit one segment of the journal, and `transaction_closed` where the
    /// transaction has ended or the database was closed meanwhile. Throws `needs_reopen` if the
    /// journal had failed before, and `outcome_unknown` if it failed while this commit was written:
    /// the next opening decides whether the commit happened.
    Commit commit();
    /// Drops all changes. Returns when everything that the transaction has read is visible. Throws
    /// `outcome_unknown` or `needs_reopen` if the journal fails before that, and
    /// `transaction_closed` where the transaction has ended.
    void rollback();

  private:
    friend class Database;
    friend class detail::ConsumerRun;
    using Reader::Reader;
    template <class Row>
    Row insert_cells(const TypedTable<Row>& table, std::span<const Cell> cells) {
        RowView stored;
        insert_row(table.table, cells, stored);
        return detail::from_row<Row>(stored);
    }
    template <class Row>
    Row put_cells(const TypedTable<Row>& table, std::span<const Cell> cells) {
        RowView stored;
        put_row(table.table, cells, stored);
        return detail::from_row<Row>(stored);
    }
    bool update_columns(const Table& table, std::span<const Cell> key, const Record& changes);
    /// Whether it was committed, rolled back, or moved to another handle.
    [[nodiscard]] bool has_ended() const noexcept;
};

}  // namespace amphora
