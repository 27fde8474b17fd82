#include "document/expiry.hpp"

#include "document/index/writer.hpp"
#include "document/storage.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <limits>

namespace amphora::document {

namespace {

Buffer moment_key(const BoundIndex& index, std::int64_t moment_ms) {
    codec::KeyWriter key{index.space()};
    key.date_ms(moment_ms);
    return key.take();
}

Buffer first_moment(const BoundIndex& index) {
    return moment_key(index, std::numeric_limits<std::int64_t>::min());
}

[[noreturn]] void missing_document(const BoundCollection& collection, const BoundIndex& index,
                                   Bytes key) {
    throw Error{ErrorCode::corrupt,
                fmt::format("index {} of collection {} has an entry for a document that is not "
                            "there, {}; repair the database",
                            index.definition->name, collection.name(), codec::describe_key(key))};
}

}  // namespace

KeyRange entries_until(const BoundIndex& index, std::int64_t until_ms) {
    return {first_moment(index), moment_key(index, until_ms + 1)};
}

std::optional<Buffer> first_entry(const transaction::Reading& reading, const KeyRange& range) {
    if (range.lower >= range.upper) return std::nullopt;
    const auto cursor = reading.cursor(TreeId::documents, range.lower, range.upper);
    cursor->seek_first();
    if (!cursor->valid()) return std::nullopt;
    return Buffer{cursor->key()};
}

std::int64_t moment_of(Bytes entry) {
    codec::KeyReader reader{entry};
    if (!reader.next() || reader.kind() != codec::KeyKind::datetime) {
        throw Error{ErrorCode::corrupt,
                    fmt::format("an index of expiring documents has an entry without a moment, {}; "
                                "check the database",
                                codec::describe_key(entry))};
    }
    return reader.date_ms();
}

std::optional<KeyRange> entries_before_newest(const transaction::Reading& reading,
                                              const BoundIndex& index, std::uint64_t count,
                                              const std::function<bool()>& may_continue) {
    constexpr std::uint64_t entries_between_questions = 4096;
    KeyRange range{first_moment(index),
                   moment_key(index, std::numeric_limits<std::int64_t>::max())};
    const auto cursor = reading.cursor(TreeId::documents, range.lower, range.upper);
    cursor->seek_last();
    for (std::uint64_t passed = 1; cursor->valid() && passed < count; ++passed) {
        cursor->previous();
        if (passed % entries_between_questions == 0 && !may_continue()) return std::nullopt;
    }
    if (!cursor->valid()) return std::nullopt;
    range.upper = cursor->key();
    return range;
}

Removed remove_documents(transaction::Writing& writing, const BoundCollection& collection,
                         const BoundIndex& index, const KeyRange& range,
                         const std::function<bool(const Removed&)>& may_continue) {
    Removed removed;
    removed.next = range.lower;
    if (range.lower >= range.upper) {
        removed.is_complete = true;
        return removed;
    }
    const auto cursor = writing.cursor(TreeId::documents, range.lower, range.upper);
    codec::KeyWriter key{collection.space()};
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        if (removed.documents != 0 && !may_continue(removed)) return removed;
        key.restart(collection.space());
        key.raw(entry_document(index, cursor->key(), cursor->value()));
        try {
            const auto document = cursor->find(key.bytes());
            if (!document) missing_document(collection, index, key.bytes());
            removed.bytes += document->size();
            transaction::atomically(writing, [&] {
                remove(writing, collection, DocumentView{*document}, key.bytes());
            });
        } catch (const Error&) {
            if (removed.documents == 0) throw;
            return removed;
        }
        ++removed.documents;
        removed.next.assign(cursor->key()).push_back('\0');
    }
    removed.is_complete = true;
    return removed;
}

}  // namespace amphora::document
