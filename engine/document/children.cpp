#include "base/assert.hpp"
#include "codec/bson/order.hpp"
#include "document/collection/collections.hpp"
#include "document/collection/declared_field.hpp"
#include "document/collection/keys.hpp"
#include "document/index/writer.hpp"
#include "document/storage.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>

/// The documents that refer to a row: Collections as the relational store's ChildStore.
namespace amphora::document {

namespace {

struct ParentRow {
    const catalog::Table& table;
    std::span<const Cell> key;
};

bool is_reference_to(const BoundReference& reference, const catalog::Table& parent) {
    return reference.parent->space == parent.space;
}

/// The values of the fields in documents that refer to the row; none if no document can.
std::optional<std::vector<BsonValue>> referring_values(const BoundReference& reference,
                                                       const ParentRow& row) {
    AMPHORA_ASSERT(row.key.size() == reference.fields.size());
    std::vector<BsonValue> values;
    for (std::size_t i = 0; i < row.key.size(); ++i) {
        const catalog::Column& column = row.table.columns[row.table.primary_key[i]];
        std::optional<BsonValue> value = from_parent_cell(column.type, row.key[i]);
        if (!value) return std::nullopt;
        values.push_back(std::move(*value));
    }
    return values;
}

/// Calls `found(key, document)` for each document that refers to the row, through the index, until
/// `found` returns false. A document with several entries comes several times.
void each_referring(const transaction::Reading& reading, const BoundCollection& collection,
                    const BoundReference& reference, const ParentRow& row,
                    const std::function<bool(Bytes, DocumentView)>& found) {
    const auto values = referring_values(reference, row);
    if (!values) return;
    const BoundIndex& index = *reference.index;
    codec::KeyWriter prefix{index.space()};
    for (const BsonValue& value : *values) codec::append_key(prefix, value);
    const auto cursor =
        reading.cursor(TreeId::documents, codec::limit_lower(prefix.bytes(), part_bytes_max),
                       codec::limit_upper(codec::prefix_end(prefix.bytes()), part_bytes_max));
    codec::KeyWriter key{collection.space()};
    Buffer scratch;
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        key.restart(collection.space());
        key.raw(entry_document(index, cursor->key(), cursor->value()));
        const std::optional<Bytes> bytes = reading.find(TreeId::documents, key.bytes(), scratch);
        // Already erased by this walk, through another of its entries.
        if (!bytes) continue;
        const DocumentView document{*bytes};
        bool refers = true;
        // A limited entry only says that the document may refer to the row.
        for (std::size_t i = 0; refers && i < values->size(); ++i) {
            const std::string& name = collection.fields()[reference.fields[i]].column->name;
            const std::optional<BsonView> value = document.field(name);
            refers = value && codec::compare(*value, (*values)[i]) == 0;
        }
        if (refers && !found(key.bytes(), document)) return;
    }
}

}  // namespace

std::optional<std::string> Collections::find_child(const transaction::Reading& reading,
                                                   const catalog::Table& parent,
                                                   std::span<const Cell> parent_key,
                                                   Referring referring) const {
    const ParentRow row{parent, parent_key};
    for (const auto& collection : collections_) {
        for (const BoundReference& reference : collection->references()) {
            if (!is_reference_to(reference, parent)) continue;
            if (referring == Referring::restricting &&
                reference.definition->on_delete != catalog::OnDelete::restrict) {
                continue;
            }
            std::optional<std::string> child;
            each_referring(reading, *collection, reference, row, [&](Bytes, DocumentView document) {
                std::string fields;
                for (const std::uint32_t place : reference.fields) {
                    const std::string& name = collection->fields()[place].column->name;
                    fields += fmt::format("{}{} {}", fields.empty() ? "" : ", ", name,
                                          describe(*document.field(name)));
                }
                child = fmt::format("collection {} ({})", collection->name(), fields);
                return false;
            });
            if (child) return child;
        }
    }
    return std::nullopt;
}

void Collections::erase_children(transaction::Writing& writing, const catalog::Table& parent,
                                 std::span<const Cell> parent_key) const {
    const ParentRow row{parent, parent_key};
    for (const auto& collection : collections_) {
        for (const BoundReference& reference : collection->references()) {
            if (!is_reference_to(reference, parent)) continue;
            if (reference.definition->on_delete != catalog::OnDelete::cascade) continue;
            each_referring(writing, *collection, reference, row,
                           [&](Bytes key, DocumentView document) {
                               remove(writing, *collection, document, key);
                               return true;
                           });
        }
    }
}

}  // namespace amphora::document
