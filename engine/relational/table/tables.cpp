#include "relational/table/tables.hpp"

#include "base/assert.hpp"
#include "base/name_list.hpp"
#include "relational/value/conversion.hpp"
#include "relational/value/describe.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::relational {
namespace {

codec::RowType row_type(catalog::Type type) {
    using catalog::Type;
    using codec::RowType;
    switch (type) {
        case Type::bigint:
            return RowType::int64;
        case Type::integer:
            return RowType::int32;
        case Type::smallint:
            return RowType::int16;
        case Type::boolean:
            return RowType::boolean;
        case Type::real32:
            return RowType::float32;
        case Type::real64:
            return RowType::float64;
        case Type::decimal:
            return RowType::decimal;
        case Type::varchar:
        case Type::text:
        case Type::json:
            return RowType::text;
        case Type::blob:
            return RowType::blob;
        case Type::datetime:
            return RowType::datetime;
        case Type::date:
            return RowType::date;
        case Type::time:
            return RowType::time;
        case Type::enumeration:
            return RowType::enumeration;
    }
    AMPHORA_ASSERT(!"a type of column that does not exist");
    return RowType::int64;
}

codec::RowLayout layout_of(const catalog::Table& table) {
    std::vector<codec::RowType> types;
    types.reserve(table.columns.size());
    for (const catalog::Column& column : table.columns) types.push_back(row_type(column.type.type));
    return codec::RowLayout{types};
}

ColumnRule rule_for(const catalog::Column& column, std::uint32_t place, Conversion& conversion) {
    ColumnRule rule;
    rule.not_null = column.not_null;
    rule.now_on_update = column.now_on_update;
    if (column.auto_increment) {
        rule.absent = ColumnRule::Absent::next_number;
    } else if (std::holds_alternative<catalog::Now>(column.default_value)) {
        rule.absent = ColumnRule::Absent::now;
    } else if (const auto* value = std::get_if<Value>(&column.default_value)) {
        if (!value->is_null()) {
            rule.absent = ColumnRule::Absent::value;
            rule.value = conversion(place, value->cell());
        }
    }
    return rule;
}

bool begins_with(std::span<const std::uint32_t> columns, std::span<const std::uint32_t> first) {
    return columns.size() >= first.size() &&
           std::equal(first.begin(), first.end(), columns.begin());
}

// SQL names are compared without regard to ASCII case.
bool same_name(std::string_view left, std::string_view right) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](char a, char b) { return lower(a) == lower(b); });
}

// The index that finds the children of a row: the one that the schema names, else any that begins
// with the reference's columns.
const BoundIndex& index_for(const BoundTable& child, const catalog::Reference& reference) {
    for (const BoundIndex& index : child.indexes()) {
        if (same_name(index.definition->name, reference.index) &&
            begins_with(index.columns, reference.places)) {
            return index;
        }
    }
    if (begins_with(child.primary().columns, reference.places)) return child.primary();
    for (const BoundIndex& index : child.indexes()) {
        if (begins_with(index.columns, reference.places)) return index;
    }
    throw Error{ErrorCode::unsupported,
                fmt::format("foreign key {} of {} has no index that begins with its columns",
                            reference.name, child.name())};
}

bool is_referred_to(const catalog::Definition& definition, const catalog::Table& table) {
    for (const catalog::Collection& collection : definition.collections) {
        for (const catalog::Reference& reference : collection.references) {
            if (same_name(reference.parent, table.name)) return true;
        }
    }
    return false;
}

}  // namespace

BoundTable::BoundTable(const catalog::Table& definition, const catalog::ChildStore* collections)
    : definition_{&definition},
      collections_{collections},
      layout_{layout_of(definition)},
      conversion_{std::make_unique<Conversion>(definition, 0)},
      primary_{nullptr, definition.primary_key, definition.space, true} {
    AMPHORA_ASSERT(!definition.primary_key.empty());
    for (std::uint32_t place = 0; place < definition.columns.size(); ++place) {
        rules_.push_back(rule_for(definition.columns[place], place, *conversion_));
        if (definition.columns[place].auto_increment) {
            AMPHORA_ASSERT(!numbered_column_ && number(definition.counter) != 0);
            numbered_column_ = place;
        }
    }
    for (const std::uint32_t place : definition.primary_key) rules_[place].not_null = true;
    for (const catalog::Index& index : definition.indexes) {
        indexes_.push_back({&index, index.places, index.space, index.unique});
    }
}

BoundTable::~BoundTable() = default;

std::uint32_t BoundTable::require_column(std::string_view column) const {
    if (const auto place = definition_->find_column(column)) return *place;
    throw Error{ErrorCode::no_such_column,
                fmt::format("table {} has no column {}; it has {}", name(), column,
                            NameList{definition_->columns, &catalog::Column::name}.text())};
}

const BoundIndex& BoundTable::require_index(std::string_view index) const {
    if (same_name(index, "primary")) return primary_;
    for (const BoundIndex& bound : indexes_) {
        if (same_name(bound.definition->name, index)) return bound;
    }
    NameList names;
    names.add("PRIMARY");
    for (const BoundIndex& bound : indexes_) names.add(bound.definition->name);
    throw Error{ErrorCode::no_such_index,
                fmt::format("table {} has no index {}; it has {}", name(), index, names.text())};
}

std::shared_ptr<const Tables> Tables::bind(std::shared_ptr<const catalog::Definition> definition,
                                           std::shared_ptr<const catalog::ChildStore> collections) {
    std::shared_ptr<Tables> tables{new Tables};
    tables->definition_ = std::move(definition);
    tables->collections_ = std::move(collections);
    const catalog::Definition& all = *tables->definition_;
    for (const catalog::Table& table : all.tables) {
        const catalog::ChildStore* asked = nullptr;
        if (is_referred_to(all, table)) {
            AMPHORA_ASSERT(tables->collections_ != nullptr);
            asked = tables->collections_.get();
        }
        tables->tables_.push_back(std::make_unique<BoundTable>(table, asked));
    }
    // In a second loop, because a reference may be to any table, also to its own.
    for (const auto& child : tables->tables_) {
        for (const catalog::Reference& reference : child->definition().references) {
            const catalog::Table* parent_definition = all.find_table(reference.parent);
            AMPHORA_ASSERT(parent_definition != nullptr);
            BoundTable& parent =
                *tables->tables_[static_cast<std::size_t>(parent_definition - all.tables.data())];
            AMPHORA_ASSERT(reference.places.size() == parent_definition->primary_key.size());
            child->parents_.push_back({&reference, &parent});
            parent.children_.push_back({&reference, child.get(), &index_for(*child, reference)});
        }
    }
    return tables;
}

const BoundTable* Tables::find(std::string_view table) const noexcept {
    const catalog::Table* found = definition_->find_table(table);
    if (found == nullptr) return nullptr;
    return tables_[static_cast<std::size_t>(found - definition_->tables.data())].get();
}

const BoundTable& Tables::require(std::string_view table) const {
    if (const BoundTable* found = find(table)) return *found;
    throw Error{ErrorCode::no_such_table, fmt::format("there is no table {}", table)};
}

std::string describe(const BoundTable& table, std::span<const std::uint32_t> places,
                     std::span<const Cell> cells) {
    AMPHORA_ASSERT(places.size() == cells.size());
    std::string words = "(";
    for (std::size_t i = 0; i < places.size(); ++i) {
        const catalog::Column& column = table.definition().columns[places[i]];
        fmt::format_to(std::back_inserter(words), "{}{} {}", i == 0 ? "" : ", ", column.name,
                       describe(cells[i], column.type));
    }
    return words + ")";
}

}  // namespace amphora::relational
