#pragma once

#include "base/ids.hpp"

#include <amphora/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A schema as data: tables, collections, their indexes and references. Names are compared without
/// regard to ASCII case, as in SQL, and kept as written; only the fields of a collection are
/// compared exactly, as in documents.
namespace amphora::catalog {

/// Whether two names are equal without regard to ASCII case.
[[nodiscard]] bool same_name(std::string_view left, std::string_view right) noexcept;

/// Tables and collections whose names begin with "amphora." are the engine's own. `language/parser`
/// refuses such names in a user's schema, so there is no other mark.
inline constexpr std::string_view system_prefix = "amphora.";
[[nodiscard]] bool is_system_name(std::string_view name) noexcept;

enum class Type : std::uint8_t {
    bigint,
    integer,
    smallint,
    boolean,
    real32,
    real64,
    decimal,
    varchar,
    text,
    blob,
    datetime,
    date,
    time,
    enumeration,
    json,
};

struct ColumnType {
    Type type = Type::bigint;
    std::uint32_t length_max = 0;      ///< VARCHAR: in characters, not bytes
    std::uint8_t precision = 0;        ///< DECIMAL: digits in all
    std::uint8_t scale = 0;            ///< DECIMAL: digits after the point
    std::vector<std::string> members;  ///< ENUM, in order of declaration
    bool operator==(const ColumnType&) const = default;
};

/// DEFAULT NOW() and ON UPDATE NOW().
struct Now {
    bool operator==(const Now&) const = default;
};
using Default = std::variant<std::monostate, Value, Now>;

struct Column {
    std::string name;
    ColumnType type;
    bool not_null = false;
    bool auto_increment = false;
    Default default_value;       ///< monostate: none was declared
    bool now_on_update = false;  ///< ON UPDATE NOW()
    bool operator==(const Column&) const = default;
};

/// CHECK (...): a predicate over the columns of one row. Only false is a violation; NULL is none,
/// as in SQL.
struct Expression {
    enum class Kind : std::uint8_t {
        column,
        literal,
        equal,
        not_equal,
        less,
        less_equal,
        greater,
        greater_equal,
        logical_and,
        logical_or,
        logical_not,
        is_null,
        is_not_null,
        between,
        in_list,
        add,
        subtract,
        multiply,
        divide,
        negate,
        length,
    };
    Kind kind = Kind::literal;
    std::uint32_t column = 0;          ///< Kind::column: position in the table
    Value literal;                     ///< Kind::literal
    std::vector<Expression> operands;  ///< between: value, low, high; in_list: value, then the list
    bool operator==(const Expression&) const = default;
};
struct Check {
    std::string name;  ///< as declared, or generated: "reviews_check_1"
    std::string text;  ///< as written, for messages
    Expression predicate;
    bool operator==(const Check&) const = default;
};

struct Index {
    std::string name;
    std::vector<std::string> columns;  ///< of a collection: dotted paths of fields
    /// Of a table: positions of the columns; empty for a collection.
    std::vector<std::uint32_t> places;
    bool unique = false;
    SpaceId space{};  ///< given by the catalog when it is stored
    bool operator==(const Index&) const = default;
};

enum class OnDelete : std::uint8_t { restrict, cascade };

/// A foreign key of a table, or a REFERENCES of a collection's field.
struct Reference {
    std::string name;                   ///< "fk_reviews_store_id", for messages
    std::vector<std::string> columns;   ///< of this table; fields of a collection
    std::vector<std::uint32_t> places;  ///< positions in this table; empty for a collection
    std::string parent;                 ///< a table; its primary key is referred to
    OnDelete on_delete = OnDelete::restrict;
    /// The index of this table whose first columns are `columns`; "PRIMARY": the primary key.
    std::string index;
    bool operator==(const Reference&) const = default;
};

struct Table {
    std::string name;
    std::vector<Column> columns;
    std::vector<std::uint32_t> primary_key;  ///< positions; never empty
    std::vector<Index> indexes;
    std::vector<Reference> references;
    std::vector<Check> checks;
    /// Declared IF NOT EXISTS: if a table of that name exists, that one is used.
    bool if_not_exists = false;
    /// WITH (before = TRUE): commits keep the state of a row before each update and delete.
    bool keeps_before = false;
    SpaceId space{};    ///< of the rows
    SpaceId counter{};  ///< where AUTO_INCREMENT's last number is kept; 0: no such column

    [[nodiscard]] std::optional<std::uint32_t> find_column(std::string_view name) const noexcept;
    [[nodiscard]] const Index* find_index(std::string_view name) const noexcept;
    bool operator==(const Table&) const = default;
};

/// Which documents of a collection expire, so that the engine removes them:
/// WITH (retain = '90 days', retain_by = 'at', retain_count = 1000, expire_by = 'until').
///
/// The fields are declared DATETIME. Each has an index that begins with it and has one entry for
/// each document.
struct Retention {
    std::optional<std::string> age_max;      ///< retain, as written: older by `by` than this
    std::optional<std::uint32_t> count_max;  ///< retain_count: not among so many newest by `by`
    std::string by;                          ///< retain_by; empty: neither of both is declared
    std::string by_index;
    std::string expire_by;  ///< holds the moment at which the document expires; empty: none does
    std::string expire_index;

    [[nodiscard]] bool is_declared() const noexcept { return !by.empty() || !expire_by.empty(); }
    /// Whether both declare the same. They may use other indexes.
    [[nodiscard]] bool is_same(const Retention& other) const noexcept {
        return age_max == other.age_max && count_max == other.count_max && by == other.by &&
               expire_by == other.expire_by;
    }
    bool operator==(const Retention&) const = default;
};

/// A collection. Its declared fields are checked; all other fields of its documents are free.
struct Collection {
    std::string name;
    /// BIGINT, INT, BOOLEAN, DOUBLE, VARCHAR, TEXT, DATETIME, ENUM ...
    std::vector<Column> fields;
    std::vector<Index> indexes;
    std::vector<Reference> references;
    std::vector<Check> checks;  ///< over the declared fields
    Retention retention;
    bool keeps_before = false;   ///< as for a table
    bool if_not_exists = false;  ///< as for a table
    SpaceId space{};             ///< of the documents

    [[nodiscard]] const Column* find_field(std::string_view name) const noexcept;
    [[nodiscard]] const Index* find_index(std::string_view name) const noexcept;
    bool operator==(const Collection&) const = default;
};

/// A whole schema, in the order of declaration, parents before children.
struct Definition {
    std::vector<Table> tables;
    std::vector<Collection> collections;

    [[nodiscard]] const Table* find_table(std::string_view name) const noexcept;
    [[nodiscard]] const Collection* find_collection(std::string_view name) const noexcept;
    bool operator==(const Definition&) const = default;
};

}  // namespace amphora::catalog
