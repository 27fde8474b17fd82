#include "document/statement.hpp"

#include "document/declared_field.hpp"
#include "document/find.hpp"
#include "document/index_writer.hpp"
#include "document/keys.hpp"
#include "document/parents.hpp"
#include "document/shape.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::document {

namespace {

using transaction::Statement;
using transaction::Writing;

std::int64_t now_ms(const Writing& writing) noexcept {
    // Down to the millisecond, before 1970 too.
    const std::int64_t us = writing.now_us();
    return us / 1000 - (us % 1000 < 0 ? 1 : 0);
}

[[noreturn]] void refuse_duplicate(const BoundCollection& collection, BsonView id) {
    throw Error{ErrorCode::duplicate_key,
                fmt::format("collection {} already has a document with _id {}", collection.name(),
                            describe(id))};
}

/// Stores the shape's document, which is known to be new.
void add(Writing& writing, const BoundCollection& collection, const Shape& shape, Bytes key) {
    const StoredDocument document = shape.stored();
    require_parents(writing, collection, document);
    for (const BoundIndex& index : collection.indexes()) {
        enter(writing, collection, index, document, without_space(key));
    }
    writing.put(TreeId::documents, key, document.view().bytes());
}

/// Stores the shape's document in place of `before`, which has the same _id.
void replace(Writing& writing, const BoundCollection& collection, DocumentView before,
             const Shape& shape, Bytes key) {
    const StoredDocument after = shape.stored();
    if (before == after.view()) return;
    require_changed_parents(writing, collection, before, after);
    // First the entries: `before` may lie in memory that goes when the document is written.
    replace_entries(writing, collection, before, after, without_space(key));
    writing.put(TreeId::documents, key, after.view().bytes());
}

/// Sets the ON UPDATE NOW() fields that `named` does not name.
template <class Named>
void touch(const BoundCollection& collection, Document& document, std::int64_t moment_ms,
           const Named& named) {
    for (const BoundField& field : collection.fields()) {
        if (field.column->now_on_update && !named(field.column->name)) {
            document.set(field.column->name, BsonValue::date_ms(moment_ms));
        }
    }
}

void change(Writing& writing, const BoundCollection& collection, DocumentView before, Bytes key,
            const Update& update, Shape& shape) {
    const std::int64_t moment_ms = now_ms(writing);
    Document after = update.apply(before, moment_ms);
    touch(collection, after, moment_ms,
          [&](std::string_view field) { return update.names(field); });
    shape.take(after, update.is_replacement() ? Absent::takes_default : Absent::stays_absent);
    replace(writing, collection, before, shape, key);
}

void remove(Writing& writing, const BoundCollection& collection, DocumentView document, Bytes key) {
    remove_entries(writing, collection, document, without_space(key));
    writing.erase(TreeId::documents, key);
}

std::optional<DocumentView> find_by_key(const Writing& writing, Bytes key, BsonView id,
                                        Buffer& scratch) {
    const std::optional<Bytes> bytes = writing.find(TreeId::documents, key, scratch);
    if (!bytes || !is_id_of(id, key, DocumentView{*bytes})) return std::nullopt;
    return DocumentView{*bytes};
}

}  // namespace

BsonValue insert(Writing& writing, const BoundCollection& collection, DocumentView document) {
    Shape shape{collection, now_ms(writing)};
    shape.take(document, Absent::takes_default);
    const DocumentKey key{collection.space(), shape.id()};
    Statement statement{writing};
    // An _id that was just made is unlike every other.
    if (!shape.made_id()) {
        Buffer scratch;
        if (writing.find(TreeId::documents, key.bytes(), scratch)) {
            refuse_duplicate(collection, shape.id());
        }
    }
    add(writing, collection, shape, key.bytes());
    statement.succeed();
    return BsonValue{shape.id()};
}

BsonValue put(Writing& writing, const BoundCollection& collection, DocumentView document) {
    if (!document.field("_id")) return insert(writing, collection, document);
    Shape shape{collection, now_ms(writing)};
    shape.take(document, Absent::takes_default);
    const DocumentKey key{collection.space(), shape.id()};
    Statement statement{writing};
    Buffer scratch;
    const auto before = writing.find(TreeId::documents, key.bytes(), scratch);
    if (!before) {
        add(writing, collection, shape, key.bytes());
    } else {
        // Another long _id with the same hash: one of the two has to go without.
        if (!is_id_of(shape.id(), key.bytes(), DocumentView{*before})) {
            refuse_duplicate(collection, shape.id());
        }
        Document after{document};
        touch(collection, after, now_ms(writing),
              [&](std::string_view field) { return document.field(field).has_value(); });
        if (after.view() != document) shape.take(after, Absent::takes_default);
        replace(writing, collection, DocumentView{*before}, shape, key.bytes());
    }
    statement.succeed();
    return BsonValue{shape.id()};
}

bool update(Writing& writing, const BoundCollection& collection, BsonView id,
            const Update& update) {
    const DocumentKey key{collection.space(), id};
    Buffer scratch;
    const auto before = find_by_key(writing, key.bytes(), id, scratch);
    if (!before) return false;
    Statement statement{writing};
    Shape shape{collection, now_ms(writing)};
    change(writing, collection, *before, key.bytes(), update, shape);
    statement.succeed();
    return true;
}

std::uint64_t update(Writing& writing, const BoundCollection& collection, const Filter& filter,
                     const Update& update, Extent extent) {
    Statement statement{writing};
    Shape shape{collection, now_ms(writing)};
    Found found = find(writing, collection, filter,
                       {.limit = extent == Extent::first ? std::size_t{1} : SIZE_MAX});
    std::uint64_t count = 0;
    for (; found.next(); ++count) {
        change(writing, collection, found.document(), found.key(), update, shape);
    }
    statement.succeed();
    return count;
}

bool erase(Writing& writing, const BoundCollection& collection, BsonView id) {
    const DocumentKey key{collection.space(), id};
    Buffer scratch;
    const auto document = find_by_key(writing, key.bytes(), id, scratch);
    if (!document) return false;
    Statement statement{writing};
    remove(writing, collection, *document, key.bytes());
    statement.succeed();
    return true;
}

std::uint64_t erase(Writing& writing, const BoundCollection& collection, const Filter& filter,
                    Extent extent) {
    Statement statement{writing};
    Found found = find(writing, collection, filter,
                       {.limit = extent == Extent::first ? std::size_t{1} : SIZE_MAX});
    std::uint64_t count = 0;
    for (; found.next(); ++count) remove(writing, collection, found.document(), found.key());
    statement.succeed();
    return count;
}

void fill_index(Writing& writing, const BoundCollection& collection, const BoundIndex& index) {
    Statement statement{writing};
    Found found = find(writing, collection, Filter{});
    while (found.next()) {
        enter(writing, collection, index, found.document(), without_space(found.key()));
    }
    statement.succeed();
}

void adopt_fields(Writing& writing, const BoundCollection& collection) {
    Statement statement{writing};
    Shape shape{collection, now_ms(writing)};
    Found found = find(writing, collection, Filter{});
    while (found.next()) {
        try {
            shape.take(found.document(), Absent::stays_absent);
            require_parents(writing, collection, shape.stored());
        } catch (const Error& error) {
            const std::optional<BsonView> id = found.document().field("_id");
            throw Error{error.code(), fmt::format("{}; in the stored document with _id {}",
                                                  error.what(), describe(id.value_or(BsonView{})))};
        }
        replace(writing, collection, found.document(), shape, found.key());
    }
    statement.succeed();
}

}  // namespace amphora::document
