#include "document/statement.hpp"

#include "base/clock.hpp"
#include "document/collection/declared_field.hpp"
#include "document/collection/keys.hpp"
#include "document/collection/parents.hpp"
#include "document/collection/shape.hpp"
#include "document/index/writer.hpp"
#include "document/query/document_scan.hpp"
#include "document/storage.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::document {

namespace {

using transaction::atomically;
using transaction::Writing;

std::int64_t now_ms(const Writing& writing) noexcept {
    return floor_milliseconds(writing.now_us());
}

[[noreturn]] void refuse_duplicate(const BoundCollection& collection, BsonView id) {
    throw Error{ErrorCode::duplicate_key,
                fmt::format("collection {} already has a document with _id {}", collection.name(),
                            describe(id))};
}

/// The document that is stored for a document from the caller.
class Given {
  public:
    Given(const Document& document, std::int64_t moment_ms) {
        if (document.has_now()) with_now_ = document.with_now(moment_ms);
        view_ = with_now_ ? with_now_->view() : document.view();
    }
    Given(const Given&) = delete;
    Given& operator=(const Given&) = delete;

    [[nodiscard]] DocumentView view() const noexcept { return view_; }

  private:
    std::optional<Document> with_now_;
    DocumentView view_;
};

/// Stores the shape's document, which is known to be new.
void add(Writing& writing, const BoundCollection& collection, const Shape& shape, Bytes key) {
    const StoredDocument document = shape.stored();
    require_parents(writing, collection, document);
    store_new(writing, collection, document, key);
}

std::string describe_id(DocumentView document) {
    return describe(document.field("_id").value_or(BsonView{}));
}

/// Stores the shape's document in place of `before`, which has the same _id.
void replace(Writing& writing, const BoundCollection& collection, DocumentView before,
             const Shape& shape, Bytes key) {
    const StoredDocument after = shape.stored();
    if (before == after.view()) return;
    require_changed_parents(writing, collection, before, after);
    store_over(writing, collection, before, after, key);
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

std::uint64_t most(Extent extent) noexcept {
    return extent == Extent::first ? 1 : UINT64_MAX;
}

std::optional<DocumentView> find_by_key(const Writing& writing, Bytes key, BsonView id,
                                        Buffer& scratch) {
    const std::optional<Bytes> bytes = writing.find(TreeId::documents, key, scratch);
    if (!bytes || !is_id_of(id, key, DocumentView{*bytes})) return std::nullopt;
    return DocumentView{*bytes};
}

}  // namespace

BsonValue insert(Writing& writing, const BoundCollection& collection, const Document& document) {
    const std::int64_t moment_ms = now_ms(writing);
    const Given given{document, moment_ms};
    Shape shape{collection, moment_ms};
    shape.take(given.view(), Absent::takes_default);
    const DocumentKey key{collection.space(), shape.id()};
    return atomically(writing, [&] {
        // An _id that was just made differs from every other.
        if (!shape.made_id()) {
            Buffer scratch;
            if (writing.find(TreeId::documents, key.bytes(), scratch)) {
                refuse_duplicate(collection, shape.id());
            }
        }
        add(writing, collection, shape, key.bytes());
        return BsonValue{shape.id()};
    });
}

BsonValue put(Writing& writing, const BoundCollection& collection, const Document& document) {
    if (!document.field("_id")) return insert(writing, collection, document);
    const std::int64_t moment_ms = now_ms(writing);
    const Given given{document, moment_ms};
    Shape shape{collection, moment_ms};
    shape.take(given.view(), Absent::takes_default);
    const DocumentKey key{collection.space(), shape.id()};
    return atomically(writing, [&] {
        Buffer scratch;
        const auto before = writing.find(TreeId::documents, key.bytes(), scratch);
        if (!before) {
            add(writing, collection, shape, key.bytes());
        } else {
            // Another long _id with the same hash: only one of the two can be stored.
            if (!is_id_of(shape.id(), key.bytes(), DocumentView{*before})) {
                refuse_duplicate(collection, shape.id());
            }
            Document after{given.view()};
            touch(collection, after, moment_ms,
                  [&](std::string_view field) { return document.field(field).has_value(); });
            if (after.view() != given.view()) shape.take(after, Absent::takes_default);
            replace(writing, collection, DocumentView{*before}, shape, key.bytes());
        }
        return BsonValue{shape.id()};
    });
}

bool update(Writing& writing, const BoundCollection& collection, BsonView id,
            const Update& update) {
    const DocumentKey key{collection.space(), id};
    Buffer scratch;
    const auto before = find_by_key(writing, key.bytes(), id, scratch);
    if (!before) return false;
    return atomically(writing, [&] {
        const std::int64_t moment_ms = now_ms(writing);
        Shape shape{collection, moment_ms};
        change(writing, collection, *before, key.bytes(), update.at(moment_ms), shape);
        return true;
    });
}

std::uint64_t update(Writing& writing, const BoundCollection& collection, const Filter& filter,
                     const Update& update, Extent extent) {
    if (update.is_replacement() && extent == Extent::all) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("collection {}: a document without operators replaces one document "
                                "only, and this update is for all that the filter selects: use "
                                "$set and the like, or replace each by its _id",
                                collection.name())};
    }
    return atomically(writing, [&] {
        const std::int64_t moment_ms = now_ms(writing);
        const Update at_moment = update.at(moment_ms);
        Shape shape{collection, moment_ms};
        DocumentScan found = find(writing, collection, filter);
        const std::uint64_t count_max = most(extent);
        std::uint64_t count = 0;
        for (; count < count_max && found.next(); ++count) {
            change(writing, collection, found.document(), found.key(), at_moment, shape);
        }
        return count;
    });
}

bool erase(Writing& writing, const BoundCollection& collection, BsonView id) {
    const DocumentKey key{collection.space(), id};
    Buffer scratch;
    const auto document = find_by_key(writing, key.bytes(), id, scratch);
    if (!document) return false;
    return atomically(writing, [&] {
        remove(writing, collection, *document, key.bytes());
        return true;
    });
}

std::uint64_t erase(Writing& writing, const BoundCollection& collection, const Filter& filter,
                    Extent extent) {
    return atomically(writing, [&] {
        DocumentScan found = find(writing, collection, filter);
        const std::uint64_t count_max = most(extent);
        std::uint64_t count = 0;
        for (; count < count_max && found.next(); ++count) {
            remove(writing, collection, found.document(), found.key());
        }
        return count;
    });
}

void fill_index(Writing& writing, const BoundCollection& collection, const BoundIndex& index) {
    atomically(writing, [&] {
        DocumentScan found = find(writing, collection, Filter{});
        while (found.next()) {
            try {
                enter(writing, collection, index, found.document(), without_space(found.key()));
            } catch (const Error& error) {
                if (error.code() != ErrorCode::duplicate_key) throw;
                throw Error{error.code(), fmt::format("{}; the document with _id {} has the same",
                                                      error.what(), describe_id(found.document()))};
            }
        }
    });
}

void adopt_fields(Writing& writing, const BoundCollection& collection) {
    atomically(writing, [&] {
        Shape shape{collection, now_ms(writing)};
        DocumentScan found = find(writing, collection, Filter{});
        while (found.next()) {
            try {
                shape.take(found.document(), Absent::stays_absent);
                require_parents(writing, collection, shape.stored());
            } catch (const Error& error) {
                throw Error{error.code(), fmt::format("{}; in the document with _id {}",
                                                      error.what(), describe_id(found.document()))};
            }
            replace(writing, collection, found.document(), shape, found.key());
        }
    });
}

}  // namespace amphora::document
