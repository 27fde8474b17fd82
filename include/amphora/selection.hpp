#pragma once

#include <amphora/document.hpp>
#include <amphora/query.hpp>
#include <amphora/schema.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

/// Which changes a feed shows.
///
///   FeedOptions options;
///   options.selections = {inserts(mission::users), changes(mission::orders, where("total") > 100),
///                         changes(learning::ai_feedback, {{"rating", 5}}), topics("orders.*")};
namespace amphora {

enum class ChangeKind : std::uint8_t {
    insert,  ///< of a row or document
    update,  ///< of a row or document
    erase,   ///< of a row or document
    read,    ///< a row or document of the snapshot with which a feed began
    schema,  ///< a table or collection was added or altered
    event,   ///< `Transaction::publish`
};
/// "insert", "update", "erase", "read", "schema" or "event".
[[nodiscard]] std::string_view to_string(ChangeKind kind) noexcept;

/// Some kinds of change to rows and documents.
class ChangeKinds {
  public:
    constexpr ChangeKinds(ChangeKind kind) noexcept  // NOLINT(*-explicit-*)
        : bits_{static_cast<std::uint8_t>(1u << static_cast<unsigned>(kind))} {}
    [[nodiscard]] constexpr bool contain(ChangeKind kind) const noexcept {
        return (bits_ & ChangeKinds{kind}.bits_) != 0;
    }
    [[nodiscard]] friend constexpr ChangeKinds operator|(ChangeKinds left,
                                                         ChangeKinds right) noexcept {
        left.bits_ = static_cast<std::uint8_t>(left.bits_ | right.bits_);
        return left;
    }
    /// Inserts, updates, deletes, and rows or documents of a snapshot.
    [[nodiscard]] static constexpr ChangeKinds all() noexcept {
        return ChangeKinds{ChangeKind::insert} | ChangeKind::update | ChangeKind::erase |
               ChangeKind::read;
    }
    bool operator==(const ChangeKinds&) const = default;

  private:
    std::uint8_t bits_;
};

/// The changes of one table or collection, of the topics that a pattern names, or of the schema. A
/// change passes if one of a feed's selections selects it.
///
/// A condition selects a change if the state before or after fulfils it. An update or delete whose
/// state before is not stored passes, whatever the condition says: declare the table
/// `WITH (before = TRUE)` where that matters.
struct Selection {
    enum class Source : std::uint8_t { table, collection, topics, schema };
    Source source = Source::schema;
    /// A table, a collection, a topic, or the beginning of topics and a star: "orders.*", "*". Only
    /// a pattern that begins with `amphora.` selects the engine's own events.
    std::string name = {};
    ChangeKinds kinds = ChangeKinds::all();
    Conditions rows = {};     ///< of a table
    Document documents = {};  ///< of a collection: a filter, as for `Reader::find`
};

// Rows.
[[nodiscard]] inline Selection changes(const Table& table, Conditions where = {},
                                       ChangeKinds kinds = ChangeKinds::all()) {
    return {Selection::Source::table, std::string{table.name}, kinds, std::move(where), {}};
}
[[nodiscard]] inline Selection inserts(const Table& table, Conditions where = {}) {
    return changes(table, std::move(where), ChangeKinds{ChangeKind::insert} | ChangeKind::read);
}
[[nodiscard]] inline Selection updates(const Table& table, Conditions where = {}) {
    return changes(table, std::move(where), ChangeKind::update);
}
[[nodiscard]] inline Selection erasures(const Table& table, Conditions where = {}) {
    return changes(table, std::move(where), ChangeKind::erase);
}
template <class Row>
[[nodiscard]] Selection changes(const TypedTable<Row>& table, Conditions where = {},
                                ChangeKinds kinds = ChangeKinds::all()) {
    return changes(table.table, std::move(where), kinds);
}
template <class Row>
[[nodiscard]] Selection inserts(const TypedTable<Row>& table, Conditions where = {}) {
    return inserts(table.table, std::move(where));
}
template <class Row>
[[nodiscard]] Selection updates(const TypedTable<Row>& table, Conditions where = {}) {
    return updates(table.table, std::move(where));
}
template <class Row>
[[nodiscard]] Selection erasures(const TypedTable<Row>& table, Conditions where = {}) {
    return erasures(table.table, std::move(where));
}

// Documents.
[[nodiscard]] inline Selection changes(const Collection& collection, Document filter = {},
                                       ChangeKinds kinds = ChangeKinds::all()) {
    return {
        Selection::Source::collection, std::string{collection.name}, kinds, {}, std::move(filter)};
}
[[nodiscard]] inline Selection inserts(const Collection& collection, Document filter = {}) {
    return changes(collection, std::move(filter),
                   ChangeKinds{ChangeKind::insert} | ChangeKind::read);
}
[[nodiscard]] inline Selection updates(const Collection& collection, Document filter = {}) {
    return changes(collection, std::move(filter), ChangeKind::update);
}
[[nodiscard]] inline Selection erasures(const Collection& collection, Document filter = {}) {
    return changes(collection, std::move(filter), ChangeKind::erase);
}

// Events, and changes of the schema.
[[nodiscard]] inline Selection topics(std::string_view pattern = "*") {
    return {Selection::Source::topics, std::string{pattern}, ChangeKind::event, {}, {}};
}
[[nodiscard]] inline Selection schema_changes() {
    return {Selection::Source::schema, {}, ChangeKind::schema, {}, {}};
}

}  // namespace amphora
