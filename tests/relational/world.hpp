#pragma once

#include "catalog/language/parser.hpp"
#include "relational/check.hpp"
#include "relational/scan/scan.hpp"
#include "relational/statement.hpp"
#include "relational/table/tables.hpp"
#include "relational/value/describe.hpp"
#include "support/memory_writing.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Tables over trees in memory, and the words in which the tests speak about them.
namespace amphora::relational {

/// Gives every table and index of a parsed schema its space, as the catalog would.
inline std::shared_ptr<const catalog::Definition> with_spaces(catalog::Definition definition) {
    std::uint32_t next = number(space_first_free);
    for (catalog::Table& table : definition.tables) {
        table.space = SpaceId{next++};
        for (catalog::Index& index : table.indexes) index.space = SpaceId{next++};
        for (const catalog::Column& column : table.columns) {
            if (column.auto_increment) table.counter = SpaceId{next++};
        }
    }
    for (catalog::Collection& collection : definition.collections) {
        collection.space = SpaceId{next++};
        for (catalog::Index& index : collection.indexes) index.space = SpaceId{next++};
    }
    return std::make_shared<const catalog::Definition>(std::move(definition));
}

class World {
  public:
    explicit World(
        std::string_view schema, std::shared_ptr<const catalog::ChildStore> collections = nullptr,
        support::MemoryWriting::Answers answers = support::MemoryWriting::Answers::in_place)
        : writing{answers},
          tables{Tables::bind(with_spaces(catalog::parse_schema(schema, "test.sql")),
                              std::move(collections))} {}

    using Given = std::pair<std::string_view, Value>;
    using Givens = std::vector<Given>;

    /// Cells in the table's order; what is not given is absent. They point into `givens`.
    static std::vector<Cell> cells(const BoundTable& table, const Givens& givens) {
        std::vector<Cell> row(table.column_count());
        for (const Given& given : givens) {
            row[table.require_column(given.first)] = given.second.cell();
        }
        return row;
    }

    Record insert(std::string_view table, const Givens& givens) {
        const BoundTable& bound = tables->require(table);
        return relational::insert(writing, bound, cells(bound, givens)).row().record();
    }
    Record put(std::string_view table, const Givens& givens) {
        const BoundTable& bound = tables->require(table);
        return relational::put(writing, bound, cells(bound, givens)).row().record();
    }
    std::optional<Record> update(std::string_view table, const std::vector<Value>& key,
                                 const Givens& givens) {
        const BoundTable& bound = tables->require(table);
        std::vector<Assignment> assignments;
        for (const Given& given : givens) {
            assignments.push_back({bound.require_column(given.first), given.second.cell()});
        }
        const auto now_there = relational::update(writing, bound, key_cells(key), assignments);
        if (!now_there) return std::nullopt;
        return now_there->row().record();
    }
    bool erase(std::string_view table, const std::vector<Value>& key) {
        return relational::erase(writing, tables->require(table), key_cells(key));
    }
    std::optional<Record> find(std::string_view table, const std::vector<Value>& key) const {
        Buffer scratch;
        const auto row = relational::find(writing, tables->require(table), key_cells(key), scratch);
        if (!row) return std::nullopt;
        return row->record();
    }
    std::optional<Record> find_by(std::string_view table, std::string_view index,
                                  const std::vector<Value>& values) const {
        Buffer scratch;
        const BoundTable& bound = tables->require(table);
        const auto row = relational::find_by(writing, bound, bound.require_index(index),
                                             key_cells(values), scratch);
        if (!row) return std::nullopt;
        return row->record();
    }
    std::vector<Record> all(std::string_view table) const {
        std::vector<Record> rows;
        RowScan scan = relational::scan(writing, tables->require(table), {});
        while (scan.next()) rows.push_back(scan.row().record());
        return rows;
    }
    std::size_t count(std::string_view table) const { return all(table).size(); }

    /// What `check` finds, as text; "" is a sound database.
    std::string findings() const {
        std::string found;
        check(writing, *tables, [&](const std::string& what) { found += what + "\n"; });
        return found;
    }

    static std::vector<Cell> key_cells(const std::vector<Value>& values) {
        std::vector<Cell> cells;
        for (const Value& value : values) cells.push_back(value.cell());
        return cells;
    }

    support::MemoryWriting writing;
    std::shared_ptr<const Tables> tables;
};

/// The statement is refused with that code, with these words in its message, and changes nothing;
/// "" accepts any words.
template <class Statement>
void expect_refused(World& world, ErrorCode code, std::string_view words, Statement statement) {
    const auto before = world.writing.contents(TreeId::relational);
    try {
        statement();
        ADD_FAILURE() << "nothing was refused; expected " << to_string(code);
    } catch (const Error& error) {
        EXPECT_EQ(error.code_name(), to_string(code)) << error.what();
        EXPECT_NE(std::string_view{error.what()}.find(words), std::string_view::npos)
            << error.what() << "\n  does not say: " << words;
    }
    EXPECT_EQ(world.writing.contents(TreeId::relational), before) << "a trace was left";
    EXPECT_EQ(world.findings(), "");
}

/// AMPHORA_SEED, or `fallback`.
inline std::uint64_t seed(std::uint64_t fallback) {
    const char* given = std::getenv("AMPHORA_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : fallback;
}
/// AMPHORA_TEST_SCALE times as much as usual.
inline std::size_t scaled(std::size_t usual) {
    const char* given = std::getenv("AMPHORA_TEST_SCALE");
    return given != nullptr ? usual * std::strtoull(given, nullptr, 10) : usual;
}

}  // namespace amphora::relational
