#pragma once

#include <amphora/options.hpp>
#include <amphora/reader.hpp>

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace amphora {

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

    // Rows, typed.

    /// Inserts a row, and returns it as stored, with generated values. `duplicate_key` if the key
    /// exists.
    template <class Row>
    Row insert(const TypedTable<Row>& table, const std::type_identity_t<Row>& row) {
        RowView stored;
        insert_row(table.table, detail::to_cells(row), stored);
        return detail::from_row<Row>(stored);
    }
    /// Inserts the row, or replaces the one with the same primary key. Returns it as stored.
    template <class Row>
    Row put(const TypedTable<Row>& table, const std::type_identity_t<Row>& row) {
        RowView stored;
        put_row(table.table, detail::to_cells(row), stored);
        return detail::from_row<Row>(stored);
    }
    /// Replaces the row with the same primary key, if there is one. Was there one?
    template <class Row>
    bool update(const TypedTable<Row>& table, const std::type_identity_t<Row>& row) {
        return update_row(table.table, detail::to_cells(row));
    }
    /// Lets `change` alter the row with that primary key, then stores it. Was there one?
    template <class Row, std::invocable<Row&> Change, class... Given>
    requires detail::is_key<typename TableTraits<Row>::Key, Given...>
    bool update(const TypedTable<Row>& table, const std::tuple<Given...>& key, Change&& change) {
        return std::apply([&](const Given&... part) { return change_row(table, change, part...); },
                          key);
    }
    template <class Row, class Given, std::invocable<Row&> Change>
    requires detail::is_key<typename TableTraits<Row>::Key, Given>
    bool update(const TypedTable<Row>& table, const Given& key, Change&& change) {
        return change_row(table, change, key);
    }
    /// Removes the row and, through ON DELETE CASCADE, the rows and documents that refer to it. Was
    /// there one?
    template <class Row, class... Given>
    requires detail::is_key<typename TableTraits<Row>::Key, Given...>
    bool erase(const TypedTable<Row>& table, const Given&... key) {
        using Wanted = typename TableTraits<Row>::Key;
        return erase_row(table.table, detail::key_cells(std::type_identity<Wanted>{}, key...));
    }

    // Rows in dynamic form. A column that the record does not name takes its DEFAULT (insert, put)
    // or keeps its value (update).
    Record insert(const Table& table, const Record& row);
    Record put(const Table& table, const Record& row);
    bool update(const Table& table, const std::vector<Value>& key, const Record& changes);
    bool erase(const Table& table, const std::vector<Value>& key);

    // Rows as cells, one for each column, in the order of declaration.
    void insert_row(const Table& table, std::span<const Cell> cells, RowView& stored);
    /// Inserts several rows as one statement: all or none. They may refer to each other, also in a
    /// circle, because foreign keys are checked after all of them are inserted.
    void insert_rows(const Table& table, std::span<const std::vector<Cell>> rows);
    void put_row(const Table& table, std::span<const Cell> cells, RowView& stored);
    bool update_row(const Table& table, std::span<const Cell> cells);
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
    /// the payload becomes the moment at which the transaction began. This version has no call that
    /// reads events. Throws `invalid_argument` for an empty topic, `value_too_large` where topic
    /// and payload together are no document, and `transaction_too_large`.
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
    using Reader::Reader;
    template <class Row, class Change, class... Given>
    bool change_row(const TypedTable<Row>& table, Change& change, const Given&... key) {
        std::optional<Row> row = find(table, key...);
        if (!row) return false;
        change(*row);
        using Wanted = typename TableTraits<Row>::Key;
        const auto old = detail::key_cells(std::type_identity<Wanted>{}, key...);
        return replace_row(table.table, old, detail::to_cells(*row));
    }
    /// Whether it was committed, rolled back, or moved to another handle.
    [[nodiscard]] bool has_ended() const noexcept;
};

}  // namespace amphora
