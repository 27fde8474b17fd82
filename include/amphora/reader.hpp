#pragma once

#include <amphora/document.hpp>
#include <amphora/typed.hpp>

#include <concepts>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace amphora {

namespace detail {
class DocumentCursor;  // documents that are being walked; engine/database
class Preparations;    // what prepares the changes of a consumer; engine/database/consumers
class ReaderState;     // what a snapshot or transaction reads from; engine/database
}  // namespace detail

/// Selects a document by its _id, where a plain text would be a filter: `find(logs, Id{"a"})`.
struct Id {
    explicit Id(BsonValue id) : value{std::move(id)} {}
    BsonValue value;
};

/// The key of a row in dynamic form: the values of its columns, in their order. One value, or
/// several in braces.
class RowKey {
  public:
    template <class Given>
    requires(std::convertible_to<const Given&, Value> && !std::same_as<Given, RowKey>)
        RowKey(const Given& value)
        : values_{Value{value}} {}                                    // NOLINT(*-explicit-*)
    RowKey(std::initializer_list<Value> values) : values_{values} {}  // NOLINT(*-explicit-*)
    RowKey(std::vector<Value> values) noexcept
        : values_{std::move(values)} {}  // NOLINT(*-explicit-*)

    [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }

  private:
    std::vector<Value> values_;
};

/// The documents of a find, one after the other: an input range of views. A view is valid until the
/// range is moved. Moving the range may throw `corrupt`, `snapshot_expired`, `transaction_closed`.
/// The range can be walked once: a second `begin` throws `invalid_argument`.
class Documents {
  public:
    class Iterator {
      public:
        using value_type = DocumentView;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        DocumentView operator*() const;
        Iterator& operator++();
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const;

      private:
        friend class Documents;
        explicit Iterator(detail::DocumentCursor* cursor) : cursor_{cursor} {}
        detail::DocumentCursor* cursor_;
    };

    /// Can be called once: the documents are read while the range is walked. Throws
    /// `invalid_argument` the second time. In a transaction, writing meanwhile is safe; see
    /// `Transaction`.
    [[nodiscard]] Iterator begin();
    [[nodiscard]] static std::default_sentinel_t end() { return {}; }
    /// A sentence for people: which index is walked, over which range, and what is checked document
    /// by document.
    [[nodiscard]] std::string explain() const;

  private:
    friend class Reader;
    explicit Documents(std::shared_ptr<detail::DocumentCursor> cursor);
    [[nodiscard]] detail::DocumentCursor& cursor() const;
    std::shared_ptr<detail::DocumentCursor> cursor_;
};

/// What a snapshot and a transaction have in common: reading rows and documents as of one commit. A
/// transaction also sees its own writes. The same verbs mean the same on rows and documents.
///
/// Threads: a snapshot by any number at once, and each of its ranges by one at a time; a
/// transaction and its ranges by one thread at a time.
///
/// Throws:
///
///   no_such_table, no_such_index, no_such_column
///   type_mismatch       a key or a condition has a value that its column cannot be compared with
///   value_out_of_range  a number that no column holds
///   invalid_argument    a key with more or fewer values than columns, an index that is not unique,
///                       a condition without its value or with `amphora::now`, a filter that makes
///                       no sense, or two threads that use a transaction at once
///   snapshot_expired, transaction_closed (also from a handle that was moved from),
///   used_after_fork, corrupt, io_error
class Reader {
  public:
    /// The row with a primary key, if there is one: `find(mission::users, 7)`, or with a key of
    /// several columns `find(order_lines, {order_id, 3})`.
    template <class Row>
    [[nodiscard]] std::optional<Row> find(const TypedTable<Row>& table,
                                          const KeyOf<Row>& key) const {
        RowView row;
        if (!find_row(table.table, key.cells(), row)) return std::nullopt;
        return detail::from_row<Row>(row);
    }

    /// The row with a key of a unique index, if there is one: `find(mission::users_by_email,
    /// "kim@example.com")`.
    template <class Row, class... Column>
    [[nodiscard]] std::optional<Row> find(
        const TypedUniqueIndex<Row, Column...>& index,
        const std::type_identity_t<TypedKey<std::tuple<Column...>>>& key) const {
        RowView row;
        if (!find_row(UniqueIndex{index.index}, key.cells(), row)) return std::nullopt;
        return detail::from_row<Row>(row);
    }

    /// The rows that fulfil all conditions, in the order of the index that is walked.
    template <class Row>
    [[nodiscard]] TypedRows<Row> scan(const TypedTable<Row>& table,
                                      const TypedConditions<Row>& conditions = {},
                                      const ScanOptions& options = {}) const {
        return TypedRows<Row>{scan(table.table, conditions.conditions(), options)};
    }
    /// The same by an index, and in its order, whatever `ScanOptions::index` says.
    template <class Row, class... Column>
    [[nodiscard]] TypedRows<Row> scan(
        const TypedIndex<Row, Column...>& index,
        const std::type_identity_t<TypedConditions<Row>>& conditions = {},
        const ScanOptions& options = {}) const {
        return TypedRows<Row>{scan(index.index, conditions.conditions(), options)};
    }

    // Rows in dynamic form.
    [[nodiscard]] std::optional<Record> find(const Table& table, const RowKey& key) const;
    [[nodiscard]] std::optional<Record> find(const UniqueIndex& index, const RowKey& key) const;
    [[nodiscard]] Rows scan(const Table& table, const Conditions& conditions = {},
                            const ScanOptions& options = {}) const;
    [[nodiscard]] Rows scan(const Index& index, const Conditions& conditions = {},
                            const ScanOptions& options = {}) const;

    /// Puts the row into `row`, without a copy, and returns true if there is one.
    [[nodiscard]] bool find_row(const Table& table, std::span<const Cell> key, RowView& row) const;
    [[nodiscard]] bool find_row(const UniqueIndex& index, std::span<const Cell> key,
                                RowView& row) const;

    // Documents.
    /// The document with that _id, if there is one.
    [[nodiscard]] std::optional<Document> find(const Collection& collection, const Id& id) const;
    /// The documents that a filter in MongoDB's language selects: `{"user_id": 1, "event":
    /// "signup"}`. engine/document/README.md lists its operators. `amphora::now` in it is the
    /// moment at which the filter was made. Throws `unsupported` for any other operator, and
    /// `malformed_json` for text that is not JSON.
    [[nodiscard]] Documents find(const Collection& collection, const Document& filter,
                                 const FindOptions& options = {}) const;
    [[nodiscard]] Documents find(const Collection& collection, std::string_view filter,
                                 const FindOptions& options = {}) const;
    [[nodiscard]] Documents find(const Collection& collection, const char* filter,
                                 const FindOptions& options = {}) const {
        return find(collection, std::string_view{filter}, options);
    }
    [[nodiscard]] Documents find(const Collection& collection, const std::string& filter,
                                 const FindOptions& options = {}) const {
        return find(collection, std::string_view{filter}, options);
    }
    /// A number is no filter, not even 0; see `Id`.
    Documents find(const Collection& collection, std::nullptr_t,
                   const FindOptions& options = {}) const = delete;
    /// All documents, in the order of _id.
    [[nodiscard]] Documents scan(const Collection& collection,
                                 const FindOptions& options = {}) const;

    /// The last commit that this reader sees. A transaction also sees its own writes.
    [[nodiscard]] Commit commit_seen() const;

  protected:
    explicit Reader(std::shared_ptr<detail::ReaderState> state) noexcept;
    [[nodiscard]] static Documents range_of(std::shared_ptr<detail::DocumentCursor> cursor) {
        return Documents{std::move(cursor)};
    }
    /// Throws `transaction_closed` for a handle that was moved from.
    [[nodiscard]] detail::ReaderState& state() const;
    std::shared_ptr<detail::ReaderState> state_;
};

/// Both stores as of one commit, for as long as the snapshot lives. Cheap to take; copies share it.
/// An old snapshot keeps pages and files from being reused: see `Options::snapshot_age_ms_max` and
/// `Statistics::snapshot_oldest_ms`.
class Snapshot : public Reader {
  private:
    friend class Database;
    friend class detail::Preparations;
    using Reader::Reader;
};

}  // namespace amphora
