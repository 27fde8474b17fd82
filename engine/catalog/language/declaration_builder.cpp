#include "catalog/language/declaration_builder.hpp"

#include "catalog/language/literal.hpp"
#include "catalog/language/made_names.hpp"
#include "catalog/language/print.hpp"
#include "catalog/language/retention_builder.hpp"
#include "catalog/language/typing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace amphora::catalog {

namespace {

constexpr std::size_t columns_max = 1000;
constexpr std::size_t checks_max = 256;

bool is_whole(Type type) noexcept {
    return type == Type::bigint || type == Type::integer || type == Type::smallint;
}

Column build_column(const syntax::Column& source) {
    Column column;
    column.name = source.name.text;
    column.type = source.type;
    column.not_null = source.not_null;
    if (source.auto_increment) {
        if (!is_whole(source.type.type)) {
            fail_syntax(*source.auto_increment,
                        fmt::format("AUTO_INCREMENT is for BIGINT, INT and SMALLINT, not for {}",
                                    to_sql(source.type)));
        }
        if (source.default_place) {
            fail_syntax(*source.default_place, "a column has DEFAULT or AUTO_INCREMENT, not both");
        }
        column.auto_increment = true;
    }
    if (source.default_literal) {
        column.default_value = value_for(*source.default_literal, source.type);
        if (source.not_null && source.default_literal->kind == syntax::Literal::Kind::null) {
            fail_syntax(source.default_literal->place, "DEFAULT NULL on a column that is NOT NULL");
        }
    } else if (source.default_place) {
        if (source.type.type != Type::datetime) {
            fail_syntax(
                *source.default_place,
                fmt::format("DEFAULT NOW() is for DATETIME, not for {}", to_sql(source.type)));
        }
        column.default_value = Now{};
    }
    if (source.now_on_update) {
        if (source.type.type != Type::datetime) {
            fail_syntax(
                *source.now_on_update,
                fmt::format("ON UPDATE NOW() is for DATETIME, not for {}", to_sql(source.type)));
        }
        column.now_on_update = true;
    }
    return column;
}

void require_few(std::size_t count, std::size_t most, std::string_view what,
                 const syntax::Name& owner) {
    if (count > most) {
        fail_syntax(owner.place, fmt::format("{} has {} {}; at most {} are possible", owner.text,
                                             count, what, most));
    }
}

/// The names and positions of the columns of a key, each once.
void require_distinct(const std::vector<syntax::Name>& columns, const SourceLocation& place) {
    if (columns.size() > index_columns_max) {
        fail_syntax(place, fmt::format("a key or index has at most {} columns", index_columns_max));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (same_name(columns[i].text, columns[j].text)) {
                fail_syntax(columns[i].place, fmt::format("column {} twice", columns[i].text));
            }
        }
    }
}

std::uint32_t key_column(const Table& table, const syntax::Name& name) {
    const auto place = table.find_column(name.text);
    if (!place) {
        fail_syntax(name.place, fmt::format("table {} has no column {}", table.name, name.text));
    }
    if (table.columns[*place].type.type == Type::json) {
        fail_unsupported(name.place,
                         fmt::format("column {} is JSON, which has no order: it cannot be part "
                                     "of a key or an index",
                                     name.text));
    }
    return *place;
}

void build_primary_key(const syntax::Declaration& declaration, Table& table) {
    if (!declaration.primary_key) {
        fail_syntax(declaration.name.place,
                    fmt::format("table {} needs a PRIMARY KEY", table.name));
    }
    require_distinct(declaration.primary_key->columns, declaration.primary_key->place);
    for (const syntax::Name& name : declaration.primary_key->columns) {
        const std::uint32_t place = key_column(table, name);
        if (const auto& null = declaration.columns[place].null) {
            fail_syntax(*null,
                        fmt::format("{} is part of the PRIMARY KEY and cannot be NULL", name.text));
        }
        Column& column = table.columns[place];
        column.not_null = true;
        const Value* literal = std::get_if<Value>(&column.default_value);
        if (literal != nullptr && literal->is_null()) {
            fail_syntax(*declaration.columns[place].default_place,
                        fmt::format("{} is part of the PRIMARY KEY and cannot be NULL", name.text));
        }
        table.primary_key.push_back(place);
    }
    for (std::uint32_t place = 0; place < table.columns.size(); ++place) {
        if (!table.columns[place].auto_increment) continue;
        if (table.primary_key != std::vector{place}) {
            fail_unsupported(
                *declaration.columns[place].auto_increment,
                "AUTO_INCREMENT is supported only for a column that is the PRIMARY KEY alone");
        }
    }
}

std::vector<Check> build_checks(const syntax::Declaration& declaration,
                                const std::vector<Column>& columns, const FindColumn& find) {
    require_few(declaration.checks.size(), checks_max, "CHECKs", declaration.name);
    std::vector<Check> checks;
    const auto taken = [&](std::string_view name) {
        return std::any_of(declaration.checks.begin(), declaration.checks.end(),
                           [&](const syntax::Check& other) {
                               return other.name && same_name(other.name->text, name);
                           });
    };
    for (const syntax::Check& source : declaration.checks) {
        Check check;
        if (source.name) {
            for (const Check& other : checks) {
                if (same_name(other.name, source.name->text)) {
                    fail_syntax(source.name->place, fmt::format("a second CHECK {}", other.name));
                }
            }
            check.name = source.name->text;
        } else {
            std::size_t count = checks.size() + 1;
            do {
                check.name = made_name(fmt::format("{}_check_{}", declaration.name.text, count++));
            } while (taken(check.name));
        }
        check.text = source.text;
        check.predicate = type_check(source.predicate, columns, find);
        checks.push_back(std::move(check));
    }
    return checks;
}

/// Refuses what a field of a collection cannot have.
void require_field(const syntax::Column& source) {
    const std::string& name = source.name.text;
    if (name == "_id") {
        fail_unsupported(source.name.place, "_id is every document's own key and is not declared");
    }
    if (name.starts_with('$') || name.find('.') != std::string::npos) {
        fail_syntax(source.name.place,
                    fmt::format("a field's name has no '.' and does not begin with '$': {}", name));
    }
    if (source.auto_increment) {
        fail_unsupported(*source.auto_increment, "AUTO_INCREMENT is not supported in a collection");
    }
}

void require_path(const syntax::Name& path) {
    std::size_t begin = 0;
    while (true) {
        const std::size_t end = std::min(path.text.find('.', begin), path.text.size());
        if (end == begin || path.text[begin] == '$') {
            fail_syntax(path.place, fmt::format("{} is no path of fields", path.text));
        }
        if (end == path.text.size()) return;
        begin = end + 1;
    }
}

}  // namespace

Table build_table(const syntax::Declaration& declaration,
                  const std::vector<syntax::Index>& indexes) {
    Table table;
    table.name = declaration.name.text;
    table.if_not_exists = declaration.if_not_exists;
    table.keeps_before = declaration.before.value_or(false);
    require_few(declaration.columns.size(), columns_max, "columns", declaration.name);
    require_few(indexes.size(), indexes_max, "indexes", declaration.name);
    for (const syntax::Column& source : declaration.columns) {
        if (table.find_column(source.name.text)) {
            fail_syntax(source.name.place, fmt::format("column {} twice", source.name.text));
        }
        table.columns.push_back(build_column(source));
    }
    build_primary_key(declaration, table);

    const std::vector<std::string> names = name_indexes(table.name, indexes);
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        require_distinct(indexes[i].columns, indexes[i].place);
        Index index;
        index.name = names[i];
        index.unique = indexes[i].unique;
        for (const syntax::Name& name : indexes[i].columns) {
            index.places.push_back(key_column(table, name));
            index.columns.push_back(table.columns[index.places.back()].name);
        }
        table.indexes.push_back(std::move(index));
    }
    table.checks = build_checks(declaration, table.columns,
                                [&](std::string_view name) { return table.find_column(name); });
    return table;
}

Collection build_collection(const syntax::Declaration& declaration,
                            const std::vector<syntax::Index>& indexes) {
    Collection collection;
    collection.name = declaration.name.text;
    collection.if_not_exists = declaration.if_not_exists;
    collection.keeps_before = declaration.before.value_or(false);
    require_few(declaration.columns.size(), columns_max, "fields", declaration.name);
    require_few(indexes.size(), indexes_max, "indexes", declaration.name);
    if (declaration.primary_key) {
        fail_unsupported(
            declaration.primary_key->place,
            "PRIMARY KEY is not supported in a collection: _id is every document's key");
    }
    for (const syntax::Column& source : declaration.columns) {
        require_field(source);
        if (collection.find_field(source.name.text) != nullptr) {
            fail_syntax(source.name.place, fmt::format("field {} twice", source.name.text));
        }
        collection.fields.push_back(build_column(source));
    }

    const std::vector<std::string> names = name_indexes(collection.name, indexes);
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        require_distinct(indexes[i].columns, indexes[i].place);
        Index index;
        index.name = names[i];
        index.unique = indexes[i].unique;
        for (const syntax::Name& path : indexes[i].columns) {
            require_path(path);
            index.columns.push_back(path.text);
        }
        collection.indexes.push_back(std::move(index));
    }
    build_retention(declaration, collection);
    collection.checks = build_checks(
        declaration, collection.fields, [&](std::string_view name) -> std::optional<std::uint32_t> {
            const Column* field = collection.find_field(name);
            if (field == nullptr) return std::nullopt;
            return static_cast<std::uint32_t>(field - collection.fields.data());
        });
    return collection;
}

}  // namespace amphora::catalog
