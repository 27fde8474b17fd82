#include "document/index/writer.hpp"

#include "codec/bytes_io.hpp"
#include "document/collection/keys.hpp"
#include "document/index/entries.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::document {

namespace {

[[noreturn]] void refuse_duplicate(const BoundCollection& collection, const BoundIndex& index,
                                   DocumentView document) {
    throw Error{ErrorCode::duplicate_key,
                fmt::format("unique index {} on {} already has {}", index.definition->name,
                            collection.name(), describe_entry(index, document))};
}

/// A scan of the index reads the mark, so the mark must name an array before an entry has one.
void mark_arrays(transaction::Writing& writing, const BoundIndex& index, std::uint32_t arrays) {
    if (arrays == 0) return;
    const std::uint32_t before = read_array_mark(writing, index);
    if ((before | arrays) == before) return;
    Buffer mark;
    codec::append_u32(mark, before | arrays);
    writing.put(TreeId::documents, codec::KeyWriter{index.space()}.bytes(), mark);
}

/// Whether the document has an entry that begins with `fields`, which are not limited.
bool has_entry(const BoundCollection& collection, const BoundIndex& index, DocumentView document,
               const Buffer& fields) {
    return std::ranges::binary_search(index_entries(collection, index, document).keys, fields);
}

/// Whether another document has these values already, in a unique index.
bool is_taken(const transaction::Writing& writing, const BoundCollection& collection,
              const BoundIndex& index, const codec::KeyWriter& fields, Bytes document_key) {
    Buffer scratch;
    if (fits(fields.bytes())) {
        return writing.find(TreeId::documents, fields.bytes(), scratch).has_value();
    }
    const Buffer whole = fields.take();
    Buffer limited_scratch;
    const Bytes prefix = limited(fields, limited_scratch);
    const auto cursor = writing.cursor(TreeId::documents, prefix, codec::prefix_end(prefix));
    codec::KeyWriter other{collection.space()};
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        if (cursor->value() == document_key) continue;
        other.restart(collection.space());
        other.raw(cursor->value());
        const auto document = writing.find(TreeId::documents, other.bytes(), scratch);
        if (document && has_entry(collection, index, DocumentView{*document}, whole)) return true;
    }
    return false;
}

void put_entry(transaction::Writing& writing, const BoundCollection& collection,
               const BoundIndex& index, codec::KeyWriter& fields, DocumentView document,
               Bytes document_key) {
    if (index.unique() && is_taken(writing, collection, index, fields, document_key)) {
        refuse_duplicate(collection, index, document);
    }
    Buffer scratch;
    const StoredEntry entry = stored_entry(index, fields, document_key, scratch);
    writing.put(TreeId::documents, entry.key, entry.value);
}

void erase_entry(transaction::Writing& writing, const BoundIndex& index, codec::KeyWriter& fields,
                 Bytes document_key) {
    Buffer scratch;
    writing.erase(TreeId::documents, stored_entry(index, fields, document_key, scratch).key);
}

void restart(codec::KeyWriter& writer, const BoundIndex& index, const Buffer& fields) {
    writer.restart(index.space());
    writer.raw(without_space(fields));
}

}  // namespace

StoredEntry stored_entry(const BoundIndex& index, codec::KeyWriter& fields, Bytes document_key,
                         Buffer& scratch) {
    if (!fits(fields.bytes())) {
        scratch.assign(fields.bytes());
        codec::limit_key(scratch, part_bytes_max);
        scratch.append(document_key);
        return {scratch, document_key};
    }
    if (index.unique()) return {fields.bytes(), document_key};
    fields.raw(document_key);
    return {fields.bytes(), {}};
}

Bytes entry_document(const BoundIndex& index, Bytes key, Bytes value) {
    if (!value.empty()) return value;
    codec::KeyReader reader{key};
    reader.skip(index.paths.size());
    return reader.rest();
}

std::uint32_t read_array_mark(const transaction::Reading& reading, const BoundIndex& index) {
    Buffer scratch;
    const std::optional<Bytes> mark =
        reading.find(TreeId::documents, codec::KeyWriter{index.space()}.bytes(), scratch);
    if (!mark) return 0;
    return codec::BytesReader{*mark, "array mark of an index"}.u32();
}

void enter(transaction::Writing& writing, const BoundCollection& collection,
           const BoundIndex& index, const StoredDocument& document, Bytes document_key) {
    codec::KeyWriter key{index.space()};
    if (write_only_entry(index, document, key)) {
        put_entry(writing, collection, index, key, document.view(), document_key);
        return;
    }
    const IndexEntries entries = index_entries(collection, index, document.view());
    mark_arrays(writing, index, entries.arrays);
    for (const Buffer& fields : entries.keys) {
        restart(key, index, fields);
        put_entry(writing, collection, index, key, document.view(), document_key);
    }
}

void remove_entries(transaction::Writing& writing, const BoundCollection& collection,
                    DocumentView document, Bytes document_key) {
    for (const BoundIndex& index : collection.indexes()) {
        codec::KeyWriter key{index.space()};
        if (write_only_entry(index, document, key)) {
            erase_entry(writing, index, key, document_key);
            continue;
        }
        for (const Buffer& fields : index_entries(collection, index, document).keys) {
            restart(key, index, fields);
            erase_entry(writing, index, key, document_key);
        }
    }
}

void replace_entries(transaction::Writing& writing, const BoundCollection& collection,
                     DocumentView before, const StoredDocument& after, Bytes document_key) {
    for (const BoundIndex& index : collection.indexes()) {
        codec::KeyWriter old_key{index.space()};
        codec::KeyWriter new_key{index.space()};
        if (write_only_entry(index, before, old_key) && write_only_entry(index, after, new_key)) {
            if (old_key.bytes() == new_key.bytes()) continue;
            erase_entry(writing, index, old_key, document_key);
            put_entry(writing, collection, index, new_key, after.view(), document_key);
            continue;
        }
        const IndexEntries old_entries = index_entries(collection, index, before);
        const IndexEntries new_entries = index_entries(collection, index, after.view());
        mark_arrays(writing, index, new_entries.arrays);
        for (const Buffer& fields : old_entries.keys) {
            if (std::ranges::binary_search(new_entries.keys, fields)) continue;
            restart(old_key, index, fields);
            erase_entry(writing, index, old_key, document_key);
        }
        for (const Buffer& fields : new_entries.keys) {
            // Long ones are put again: a removed entry may have had the same hash.
            if (fits(fields) && std::ranges::binary_search(old_entries.keys, fields)) continue;
            restart(new_key, index, fields);
            put_entry(writing, collection, index, new_key, after.view(), document_key);
        }
    }
}

}  // namespace amphora::document
