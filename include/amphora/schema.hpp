#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Constants that name tables, collections and indexes: written by hand for the dynamic form, or
/// generated from a schema for the typed one.
namespace amphora {

/// A schema: its name and its text, usually a generated constant. `open` compares the text with the
/// stored schema.
struct Schema {
    std::string_view name;
    std::string_view text;
};

namespace detail {

/// FNV-1a over the name in ASCII lower case: names are compared without regard to case.
[[nodiscard]] constexpr std::uint64_t hash_name(std::string_view name) noexcept {
    std::uint64_t hash = 14695981039346656037ull;
    for (const char letter : name) {
        const char lower = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
        hash = (hash ^ static_cast<std::uint8_t>(lower)) * 1099511628211ull;
    }
    return hash;
}

}  // namespace detail

/// A table by name.
struct Table {
    explicit constexpr Table(std::string_view table_name) noexcept
        : name{table_name}, hash{detail::hash_name(table_name)} {}
    std::string_view name;
    std::uint64_t hash;
};

/// A collection by name.
struct Collection {
    explicit constexpr Collection(std::string_view collection_name) noexcept
        : name{collection_name}, hash{detail::hash_name(collection_name)} {}
    // Generated constants read `Collection activity_logs{"activity_logs"}`.
    std::string_view name;
    std::uint64_t hash;
};

/// An index of a table, by name.
struct Index {
    constexpr Index(std::string_view table_name, std::string_view index_name) noexcept
        : table{table_name}, name{index_name} {}
    Table table;
    std::string_view name;
};

/// A unique index of a table, by name.
struct UniqueIndex : Index {
    using Index::Index;
    explicit constexpr UniqueIndex(const Index& index) noexcept : Index{index} {}
};

/// A table whose rows are the struct `Row`. Generated. `TableTraits<Row>` says which member is
/// which column.
template <class Row>
struct TypedTable {
    explicit constexpr TypedTable(std::string_view table_name) noexcept : table{table_name} {}
    Table table;
};

/// A table or collection: its constant, or its name.
struct SourceName {
    // NOLINTBEGIN(*-explicit-*)
    constexpr SourceName(std::string_view source_name) noexcept : name{source_name} {}
    constexpr SourceName(const char* source_name) noexcept : name{source_name} {}
    SourceName(const std::string& source_name) noexcept : name{source_name} {}
    constexpr SourceName(const Table& table) noexcept : name{table.name} {}
    constexpr SourceName(const Collection& collection) noexcept : name{collection.name} {}
    template <class Row>
    constexpr SourceName(const TypedTable<Row>& table) noexcept : name{table.table.name} {}
    // NOLINTEND(*-explicit-*)
    std::string_view name;
};

/// An index of a table whose rows are `Row`, over columns of the types `Column...`. Generated, with
/// the name that the schema gives to the index.
template <class Row, class... Column>
struct TypedIndex {
    constexpr TypedIndex(std::string_view table_name, std::string_view index_name) noexcept
        : index{table_name, index_name} {}
    Index index;
};

/// The same for a unique index, which also finds a row by its key.
template <class Row, class... Column>
struct TypedUniqueIndex : TypedIndex<Row, Column...> {
    using TypedIndex<Row, Column...>::TypedIndex;
};

/// Specialized by the generator for each row struct:
///
///   name         of the table
///   Key          a std::tuple of the types of the primary key
///   New          the struct of a row to insert, with the same members in the same order
///   columns      a tuple of `column(...)`, in the order of the members
///   new_members  a tuple of pointers to the members of `New`
template <class Row>
struct TableTraits;

/// One column of a row struct.
template <class Row, class Member>
struct TypedColumn {
    std::string_view name;
    Member Row::*member;
};
template <class Row, class Member>
[[nodiscard]] constexpr TypedColumn<Row, Member> column(std::string_view name,
                                                        Member Row::*member) {
    return {name, member};
}

}  // namespace amphora
