#include "document/collection/parents.hpp"

#include "document/collection/declared_field.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::document {

namespace {

const catalog::Column& field_of(const BoundCollection& collection, const BoundReference& reference,
                                std::size_t i) {
    return *collection.fields()[reference.fields[i]].column;
}

bool is_same(const BoundCollection& collection, const BoundReference& reference,
             DocumentView before, const StoredDocument& after) {
    for (std::size_t i = 0; i < reference.fields.size(); ++i) {
        const std::string& name = field_of(collection, reference, i).name;
        const BsonView old_value = before.field(name).value_or(BsonView{});
        if (old_value != after.declared(reference.fields[i], name)) return false;
    }
    return true;
}

void require_parent(const transaction::Reading& reading, const BoundCollection& collection,
                    const BoundReference& reference, const StoredDocument& document) {
    if (const auto missing = find_missing_parent(reading, collection, reference, document)) {
        throw Error{ErrorCode::foreign_key_violation,
                    fmt::format("collection {}: {}", collection.name(), *missing)};
    }
}

}  // namespace

std::optional<std::string> find_missing_parent(const transaction::Reading& reading,
                                               const BoundCollection& collection,
                                               const BoundReference& reference,
                                               const StoredDocument& document) {
    std::vector<Cell> cells;
    cells.reserve(reference.fields.size());
    bool possible = true;
    for (std::size_t i = 0; i < reference.fields.size(); ++i) {
        const catalog::Column& field = field_of(collection, reference, i);
        const BsonView value = document.declared(reference.fields[i], field.name);
        if (value.is_null()) return std::nullopt;
        const catalog::Column& parent = reference.parent->columns[reference.parent->primary_key[i]];
        const std::optional<Cell> cell = to_parent_cell(parent.type, field.type, value);
        possible = possible && cell.has_value();
        cells.push_back(cell.value_or(Cell::null()));
    }
    if (possible && collection.rows()->has_row(reading, *reference.parent, cells)) {
        return std::nullopt;
    }
    std::string what;
    for (std::size_t i = 0; i < reference.fields.size(); ++i) {
        const std::string& name = field_of(collection, reference, i).name;
        what += fmt::format("{}{} {}", what.empty() ? "" : ", ", name,
                            describe(document.declared(reference.fields[i], name)));
    }
    return fmt::format("{} has no row in {}", what, reference.parent->name);
}

void require_parents(const transaction::Reading& reading, const BoundCollection& collection,
                     const StoredDocument& document) {
    for (const BoundReference& reference : collection.references()) {
        require_parent(reading, collection, reference, document);
    }
}

void require_changed_parents(const transaction::Reading& reading, const BoundCollection& collection,
                             DocumentView before, const StoredDocument& after) {
    for (const BoundReference& reference : collection.references()) {
        if (is_same(collection, reference, before, after)) continue;
        require_parent(reading, collection, reference, after);
    }
}

}  // namespace amphora::document
