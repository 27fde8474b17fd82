#include "document/collection/collections.hpp"

#include "base/assert.hpp"
#include "base/name_list.hpp"
#include "catalog/language/print.hpp"
#include "document/collection/declared_field.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::document {

namespace {

using catalog::Type;

constexpr std::size_t index_paths_max = 31;

[[noreturn]] void refuse(const catalog::Collection& collection, const std::string& why) {
    throw Error{ErrorCode::unsupported, fmt::format("collection {}: {}", collection.name, why)};
}

BoundField bind_field(const catalog::Collection& collection, const catalog::Column& column) {
    BoundField field;
    field.column = &column;
    if (column.name == "_id" || column.name.empty() || column.name.find('.') != std::string::npos) {
        refuse(collection, fmt::format("a field named '{}' cannot be declared", column.name));
    }
    if (column.auto_increment) {
        refuse(collection,
               fmt::format("field {} is AUTO_INCREMENT, which only tables have", column.name));
    }
    const bool is_now = field.now_by_default() || column.now_on_update;
    if (is_now && column.type.type != Type::datetime) {
        refuse(collection, fmt::format("field {} is {}, and only DATETIME takes NOW()", column.name,
                                       catalog::to_sql(column.type)));
    }
    const auto* literal = std::get_if<Value>(&column.default_value);
    if (literal == nullptr) return field;
    BsonValue value = from_literal(*literal);
    if (column.type.type == Type::json && value.type() == BsonType::string) {
        value = BsonValue::from_json(*value.view().as_text());
    }
    FieldScratch scratch;
    field.default_value =
        value.view().is_null()
            ? value
            : BsonValue{to_stored(column, collection.name, value.view(), scratch)};
    return field;
}

BoundIndex bind_index(const catalog::Collection& collection, const catalog::Index& definition) {
    BoundIndex index;
    index.definition = &definition;
    if (definition.columns.empty() || definition.columns.size() > index_paths_max) {
        refuse(collection,
               fmt::format("index {} needs 1 to {} fields", definition.name, index_paths_max));
    }
    for (std::size_t i = 0; i < definition.columns.size(); ++i) {
        index.paths.emplace_back(definition.columns[i]);
        const auto field =
            std::ranges::find(collection.fields, index.paths[i].part(0), &catalog::Column::name);
        const bool is_declared = field != collection.fields.end();
        index.fields.push_back(is_declared && index.paths[i].size() == 1
                                   ? static_cast<std::size_t>(field - collection.fields.begin())
                                   : BoundIndex::no_field);
        if (is_declared && field->type.type != Type::json) index.scalar_paths |= 1u << i;
        if (definition.columns[i] == "_id") index.scalar_paths |= 1u << i;
    }
    return index;
}

}  // namespace

BoundCollection::BoundCollection(const catalog::Definition& all,
                                 const catalog::Collection& definition,
                                 const catalog::ParentStore* rows)
    : definition_{&definition}, rows_{rows} {
    AMPHORA_ASSERT(rows != nullptr || definition.references.empty());
    for (const catalog::Column& column : definition.fields) {
        fields_.push_back(bind_field(definition, column));
    }
    for (const catalog::Index& index : definition.indexes) {
        indexes_.push_back(bind_index(definition, index));
    }
    for (const catalog::Reference& reference : definition.references) {
        BoundReference bound;
        bound.definition = &reference;
        bound.parent = all.find_table(reference.parent);
        // The parser of the schema has found the parent, the fields and the index, or has refused
        // the schema.
        AMPHORA_ASSERT(bound.parent != nullptr);
        AMPHORA_ASSERT(reference.columns.size() == bound.parent->primary_key.size());
        for (std::size_t i = 0; i < reference.columns.size(); ++i) {
            const std::size_t place = field_place(reference.columns[i]);
            AMPHORA_ASSERT(place < fields_.size());
            bound.fields.push_back(static_cast<std::uint32_t>(place));
            const catalog::ColumnType& type = fields_[place].column->type;
            const catalog::Column& parent = bound.parent->columns[bound.parent->primary_key[i]];
            if (!can_refer(parent.type, type)) {
                refuse(definition,
                       fmt::format("field {} is {} and cannot refer to {}.{}, which is {}",
                                   reference.columns[i], catalog::to_sql(type), bound.parent->name,
                                   parent.name, catalog::to_sql(parent.type)));
            }
        }
        bound.index = &require_index(reference.index);
        for (std::size_t i = 0; i < reference.columns.size(); ++i) {
            AMPHORA_ASSERT(i < bound.index->paths.size());
            AMPHORA_ASSERT(bound.index->paths[i].dotted() == reference.columns[i]);
        }
        references_.push_back(std::move(bound));
    }
}

std::size_t BoundCollection::field_place(std::string_view name) const noexcept {
    std::size_t place = 0;
    while (place < fields_.size() && fields_[place].column->name != name) ++place;
    return place;
}

const BoundIndex& BoundCollection::require_index(std::string_view name) const {
    if (const catalog::Index* found = definition_->find_index(name)) {
        return indexes_[static_cast<std::size_t>(found - definition_->indexes.data())];
    }
    const NameList names{definition_->indexes, &catalog::Index::name};
    throw Error{ErrorCode::no_such_index, fmt::format("collection {} has no index {}; it has {}",
                                                      definition_->name, name, names.text())};
}

std::shared_ptr<const Collections> Collections::bind(
    std::shared_ptr<const catalog::Definition> definition,
    std::shared_ptr<const catalog::ParentStore> rows) {
    const std::shared_ptr<Collections> collections{new Collections};
    for (const catalog::Collection& collection : definition->collections) {
        collections->collections_.push_back(
            std::make_unique<BoundCollection>(*definition, collection, rows.get()));
    }
    collections->definition_ = std::move(definition);
    collections->rows_ = std::move(rows);
    return collections;
}

const BoundCollection* Collections::find(std::string_view collection) const noexcept {
    const catalog::Collection* found = definition_->find_collection(collection);
    if (found == nullptr) return nullptr;
    return collections_[static_cast<std::size_t>(found - definition_->collections.data())].get();
}

const BoundCollection& Collections::require(std::string_view collection) const {
    if (const BoundCollection* found = find(collection)) return *found;
    throw Error{ErrorCode::no_such_table, fmt::format("there is no collection {}", collection)};
}

}  // namespace amphora::document
