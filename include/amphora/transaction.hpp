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

/// A write transaction: reads one state, collects changes to rows and documents, and commits them
/// together or not at all. Writers run one at a time, from `begin` on, so that what was asked still
/// holds when it is written. A statement that throws leaves no trace; the transaction goes on.
///
/// Writing while iterating is safe. A range shows what there was when `scan` or `find` was called,
/// the transaction's own earlier writes included. What is inserted, changed or erased while the
/// range is read does not show in it; nothing is skipped, and nothing comes twice. A view is valid
/// only until its row or document is written again: copy what is needed after that.
///
///   for (const DocumentView visit : tx.find(visits, R"({"page": "home"})")) {
///       const BsonValue id{*visit.field("_id")};
///       tx.update(visits, Id{id}, {{"$set", Document{{"page", "start"}}}});
///   }
///
/// Threads: one at a time; may be moved to another between calls. Where two threads are in it at
/// once, one of them gets `invalid_argument`, and what the other does is not affected. A handle
/// that was moved from answers `transaction_closed`.
class Transaction : public Reader {
  public:
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) noexcept;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    /// Drops everything if neither `commit` nor `rollback` was called.
    ~Transaction();

    // Rows, typed. All throw what the constraints say: `duplicate_key`, `not_null_violation`,
    // `check_violation`, `foreign_key_violation`, `value_too_large`, `value_out_of_range`,
    // `invalid_utf8`.

    /// A new row; returns it as stored, with generated values. A row with the key is
    /// `duplicate_key`.
    template <class Row>
    Row insert(const TypedTable<Row>& table, const std::type_identity_t<Row>& row) {
        RowView stored;
        insert_row(table.table, detail::to_cells(row), stored);
        return detail::from_row<Row>(stored);
    }
    /// A new row, or in place of the one with the same primary key; returns it as stored.
    template <class Row>
    Row put(const TypedTable<Row>& table, const std::type_identity_t<Row>& row) {
        RowView stored;
        put_row(table.table, detail::to_cells(row), stored);
        return detail::from_row<Row>(stored);
    }
    /// In place of the row with the same primary key. Was there one?
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
    /// Removes the row and, through ON DELETE CASCADE, what refers to it, in both stores. Was there
    /// one?
    template <class Row, class... Given>
    requires detail::is_key<typename TableTraits<Row>::Key, Given...>
    bool erase(const TypedTable<Row>& table, const Given&... key) {
        using Wanted = typename TableTraits<Row>::Key;
        return erase_row(table.table, detail::key_cells(std::type_identity<Wanted>{}, key...));
    }

    // Rows in dynamic form. Columns that a record does not name take their DEFAULT (insert, put) or
    // keep their value (update).
    Record insert(const Table& table, const Record& row);
    Record put(const Table& table, const Record& row);
    bool update(const Table& table, const std::vector<Value>& key, const Record& changes);
    bool erase(const Table& table, const std::vector<Value>& key);

    // Rows as cells, one for each column in the order of declaration.
    void insert_row(const Table& table, std::span<const Cell> cells, RowView& stored);
    /// Several new rows as one statement: all or none. They may refer to each other, in a circle
    /// too, because foreign keys are checked when all of them are there.
    void insert_rows(const Table& table, std::span<const std::vector<Cell>> rows);
    void put_row(const Table& table, std::span<const Cell> cells, RowView& stored);
    bool update_row(const Table& table, std::span<const Cell> cells);
    bool replace_row(const Table& table, std::span<const Cell> key, std::span<const Cell> cells);
    bool erase_row(const Table& table, std::span<const Cell> key);

    // Documents. `amphora::now`, wherever it stands in a document or an update, becomes the moment
    // at which the transaction began.
    /// A new document; returns its _id, made if it has none.
    BsonValue insert(const Collection& collection, const Document& document);
    /// A new document, or in place of the one with the same _id; returns the _id.
    BsonValue put(const Collection& collection, const Document& document);
    /// Applies an update (`{"$set": {...}}` and the like, or a replacement) to the document with
    /// that _id. Was there one?
    bool update(const Collection& collection, const Id& id, const Document& change);
    /// To every document that the filter selects; returns how many there were. A replacement, which
    /// is a document without operators (an empty one too), is `invalid_argument`: it would make all
    /// of them alike.
    std::uint64_t update_all(const Collection& collection, const Document& filter,
                             const Document& change);
    /// Was there one?
    bool erase(const Collection& collection, const Id& id);
    /// Every document that the filter selects; returns how many there were.
    std::uint64_t erase_all(const Collection& collection, const Document& filter);

    /// Adds an event to this commit: it happens if and only if the commit does. `amphora::now` in
    /// the payload becomes the moment at which the transaction began.
    void publish(std::string_view topic, const Document& payload);

    /// A place within one transaction to which that transaction can go back. Only `savepoint` makes
    /// one; copies mean the same place.
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
    /// Takes back everything that was written or published after `savepoint`, which can be gone
    /// back to again; savepoints taken after it have ended. Throws `invalid_argument` for a
    /// savepoint that has ended and for one of another transaction, with nothing changed.
    void rollback_to(const Savepoint& savepoint);
    /// Ends `savepoint` and those taken after it; what was written stays. Throws as `rollback_to`.
    void release(const Savepoint& savepoint);

    /// Makes everything happen, in both stores; returns once the commit is visible (and, by its
    /// durability, on the disk). Throws `outcome_unknown` if the journal failed under this commit,
    /// `needs_reopen` if it had failed before. The transaction is over, also if this throws.
    Commit commit();
    /// Drops everything; returns once what was read is visible.
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
    /// Committed, rolled back, or given to another handle.
    [[nodiscard]] bool has_ended() const noexcept;
};

}  // namespace amphora
