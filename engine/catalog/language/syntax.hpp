#pragma once

#include "catalog/definition/definition.hpp"
#include "catalog/language/lexer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// A schema text before its names are resolved: each part with its place, for messages.
namespace amphora::catalog::syntax {

struct Name {
    std::string text;
    SourceLocation place;
};

/// A literal as it is written; its meaning depends on its column.
struct Literal {
    enum class Kind : std::uint8_t { null, boolean, number, string, blob };
    Kind kind = Kind::null;
    std::string text;  ///< number: with its sign; boolean: "TRUE" or "FALSE"
    SourceLocation place;
};

/// As catalog::Expression, before columns have places and literals types.
struct Expression {
    using Kind = catalog::Expression::Kind;
    Kind kind = Kind::literal;
    Name column;
    Literal literal;
    std::vector<Expression> operands;
    SourceLocation place;
};

struct Check {
    std::optional<Name> name;
    std::string text;
    Expression predicate;
    SourceLocation place;
};

struct Index {
    std::optional<Name> name;
    std::vector<Name> columns;
    bool unique = false;
    SourceLocation place;
};

struct Reference {
    std::optional<Name> name;
    std::vector<Name> columns;
    Name parent;
    std::vector<Name> parent_columns;  ///< empty: the primary key is meant
    OnDelete on_delete = OnDelete::restrict;
    SourceLocation place;
};

struct Column {
    Name name;
    ColumnType type;
    SourceLocation type_place;
    bool not_null = false;
    std::optional<SourceLocation> null;  ///< where NULL was written
    std::optional<SourceLocation> auto_increment;
    std::optional<SourceLocation> default_place;
    std::optional<Literal> default_literal;  ///< none: DEFAULT NOW(), if `default_place` is set
    std::optional<SourceLocation> now_on_update;
};

struct PrimaryKey {
    std::vector<Name> columns;
    SourceLocation place;
};

/// retain_count = 1000
struct Count {
    std::uint32_t number = 0;
    SourceLocation place;
};

/// The options of a collection that say which documents expire.
struct Retention {
    std::optional<Name> retain;
    std::optional<Count> retain_count;
    std::optional<Name> retain_by;
    std::optional<Name> expire_by;
};

/// CREATE TABLE or CREATE COLLECTION.
struct Declaration {
    bool is_collection = false;
    bool if_not_exists = false;
    Name name;
    std::vector<Column> columns;
    std::optional<PrimaryKey> primary_key;
    std::vector<Index> indexes;
    std::vector<Reference> references;
    std::vector<Check> checks;
    Retention retention;
    std::optional<bool> before;
};

/// CREATE INDEX on its own.
struct IndexStatement {
    Name owner;
    Index index;
};

struct Script {
    std::vector<Declaration> declarations;
    std::vector<IndexStatement> indexes;
};

}  // namespace amphora::catalog::syntax
