#pragma once

#include "catalog/definition/parent_store.hpp"
#include "catalog/definition/primary_key.hpp"
#include "catalog/language/parser.hpp"
#include "codec/key/writer.hpp"
#include "document/check.hpp"
#include "document/collection/collections.hpp"
#include "document/query/document_scan.hpp"
#include "document/query/document_window.hpp"
#include "document/statement.hpp"
#include "support/memory_writing.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Collections over trees in memory, and the words in which the tests speak about them.
namespace amphora::document {

/// Gives everything in a parsed schema its space, as the catalog would.
inline std::shared_ptr<const catalog::Definition> with_spaces(catalog::Definition definition) {
    std::uint32_t next = number(space_first_free);
    for (catalog::Table& table : definition.tables) {
        table.space = SpaceId{next++};
        for (catalog::Index& index : table.indexes) index.space = SpaceId{next++};
    }
    for (catalog::Collection& collection : definition.collections) {
        collection.space = SpaceId{next++};
        for (catalog::Index& index : collection.indexes) index.space = SpaceId{next++};
    }
    return std::make_shared<const catalog::Definition>(std::move(definition));
}

/// JSON with single quotes, to spare the backslashes.
inline Document json(std::string text) {
    for (char& letter : text) {
        if (letter == '\'') letter = '"';
    }
    return Document::from_json(text);
}

/// Rows of which only the primary key matters here. It is the row's value, too, so that a row under
/// a limited key says which one it is.
class KeyedRows final : public catalog::ParentStore {
  public:
    static void put(transaction::Writing& writing, const catalog::Table& table,
                    std::span<const Cell> cells) {
        Buffer key;
        catalog::encode_row_key(table, cells, key);
        writing.put(TreeId::relational, key, whole_key(table, cells));
    }
    bool has_row(const transaction::Reading& reading, const catalog::Table& parent,
                 std::span<const Cell> parent_key) const override {
        Buffer key;
        Buffer scratch;
        catalog::encode_row_key(parent, parent_key, key);
        const auto value = reading.find(TreeId::relational, key, scratch);
        return value && *value == whole_key(parent, parent_key);
    }

  private:
    static Buffer whole_key(const catalog::Table& table, std::span<const Cell> cells) {
        codec::KeyWriter key{table.space};
        for (const Cell& cell : cells) key.cell(cell);
        return key.take();
    }
};

class World {
  public:
    explicit World(std::string_view schema, support::MemoryWriting::Answers answers =
                                                support::MemoryWriting::Answers::in_place)
        : World{catalog::parse_schema(schema, "test.sql"), answers} {}
    explicit World(catalog::Definition definition, support::MemoryWriting::Answers answers =
                                                       support::MemoryWriting::Answers::in_place)
        : writing{answers},
          collections{Collections::bind(with_spaces(std::move(definition)),
                                        std::make_shared<const KeyedRows>())} {}

    [[nodiscard]] const BoundCollection& at(std::string_view collection) const {
        return collections->require(collection);
    }
    [[nodiscard]] const catalog::Table& table(std::string_view name) const {
        return *collections->definition().find_table(name);
    }

    BsonValue insert(std::string_view collection, const std::string& text) {
        return document::insert(writing, at(collection), json(text));
    }
    BsonValue put(std::string_view collection, const std::string& text) {
        return document::put(writing, at(collection), json(text));
    }
    std::uint64_t update(std::string_view collection, const std::string& filter,
                         const std::string& change) {
        return document::update(writing, at(collection), Filter{json(filter)},
                                Update{json(change)});
    }
    std::uint64_t erase(std::string_view collection, const std::string& filter) {
        return document::erase(writing, at(collection), Filter{json(filter)});
    }
    [[nodiscard]] DocumentWindow window(std::string_view collection, Filter filter,
                                        const FindOptions& options) const {
        return {std::make_unique<DocumentScan>(
                    document::find(writing, at(collection), std::move(filter), options.direction)),
                options};
    }
    /// The documents as JSON, in the order in which they come.
    std::vector<std::string> find(std::string_view collection, const std::string& filter,
                                  const FindOptions& options = {}) const {
        std::vector<std::string> documents;
        DocumentWindow found = window(collection, Filter{json(filter)}, options);
        while (found.next()) documents.push_back(to_json(found.document()));
        return documents;
    }
    /// Only their _ids.
    std::vector<std::string> ids(std::string_view collection, const std::string& filter,
                                 const FindOptions& options = {}) const {
        std::vector<std::string> ids;
        DocumentWindow found = window(collection, Filter{json(filter)}, options);
        while (found.next()) ids.push_back(to_json(*found.document().field("_id")));
        return ids;
    }
    [[nodiscard]] std::string explain(std::string_view collection,
                                      const std::string& filter) const {
        return document::find(writing, at(collection), Filter{json(filter)}).explain();
    }

    void put_row(std::string_view name, std::int64_t id) {
        const Cell cells[]{Cell::of(id)};
        KeyedRows::put(writing, table(name), cells);
    }
    /// What the relational store does when a row goes.
    void erase_row(std::string_view name, std::int64_t id) {
        const Cell cells[]{Cell::of(id)};
        Buffer key;
        catalog::encode_row_key(table(name), cells, key);
        writing.erase(TreeId::relational, key);
        collections->erase_children(writing, table(name), cells);
    }

    [[nodiscard]] std::vector<std::string> findings() const {
        std::vector<std::string> all;
        check(writing, *collections, [&](std::string what) { all.push_back(std::move(what)); });
        return all;
    }
    [[nodiscard]] std::map<std::string, std::string> contents() const {
        return writing.contents(TreeId::documents);
    }

    support::MemoryWriting writing;
    std::shared_ptr<const Collections> collections;
};

/// The code and the sentence of what `statement` throws, and that it left no trace.
template <class Body>
std::pair<ErrorCode, std::string> refusal(World& world, Body&& statement) {
    const auto before = world.contents();
    try {
        statement();
    } catch (const Error& error) {
        EXPECT_EQ(world.contents(), before) << "a refused statement changed something";
        return {error.code(), error.what()};
    }
    ADD_FAILURE() << "nothing was refused";
    return {ErrorCode::io_error, ""};
}

}  // namespace amphora::document
