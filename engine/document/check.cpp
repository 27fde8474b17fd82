#include "document/check.hpp"

#include "codec/bson/validator.hpp"
#include "document/collection/declared_field.hpp"
#include "document/collection/keys.hpp"
#include "document/collection/parents.hpp"
#include "document/collection/shape.hpp"
#include "document/index/entries.hpp"
#include "document/index/writer.hpp"
#include "document/query/document_scan.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::document {

namespace {

/// The check of one collection.
class Examination {
  public:
    Examination(const transaction::Reading& reading, const BoundCollection& collection,
                const std::function<void(std::string)>& report, CheckSummary& summary)
        : reading_{reading},
          collection_{collection},
          report_{report},
          summary_{summary},
          shape_{collection, 0} {
        for (const BoundIndex& index : collection.indexes()) {
            marks_.push_back(read_array_mark(reading, index));
        }
    }

    void run() {
        const SpaceBounds all{collection_.space()};
        const auto cursor = reading_.cursor(TreeId::documents, all.lower, all.upper);
        for (cursor->seek_first(); cursor->valid(); cursor->next()) {
            ++summary_.documents;
            look_at(cursor->key(), cursor->value());
        }
        for (const BoundIndex& index : collection_.indexes()) look_at(index);
    }

    void run_document(Bytes key, Bytes value) {
        static_cast<void>(by_itself(key, value, codec::describe_key(key)));
    }

  private:
    void find_fault(const std::string& what) {
        ++summary_.findings;
        report_(fmt::format("collection {}: {}", collection_.name(), what));
    }

    void look_at(Bytes key, Bytes value) {
        const std::string where = codec::describe_key(key);
        if (by_itself(key, value, where)) {
            look_for_entries(DocumentView{value}, without_space(key), where);
        }
    }

    /// Whether the document is sound enough to have its entries computed.
    bool by_itself(Bytes key, Bytes value, const std::string& where) {
        if (const auto fault = codec::find_bson_fault(value)) {
            find_fault(
                fmt::format("document {}: offset {}: {}", where, fault->offset, fault->what));
            return false;
        }
        const DocumentView document{value};
        const std::optional<BsonView> id = document.field("_id");
        if (!id || DocumentKey{collection_.space(), *id}.bytes() != key) {
            find_fault(fmt::format("document {} is stored under the key of another _id", where));
            return false;
        }
        try {
            shape_.take(document, Absent::stays_absent);
            if (shape_.document() != document) {
                find_fault(
                    fmt::format("document {} is not as its declared fields store it", where));
            }
        } catch (const Error& error) {
            find_fault(fmt::format("document {}: {}", where, error.what()));
        }
        for (const BoundReference& reference : collection_.references()) {
            const auto missing = find_missing_parent(reading_, collection_, reference, document);
            if (missing) find_fault(fmt::format("document {}: {}", where, *missing));
        }
        return true;
    }

    void look_for_entries(DocumentView document, Bytes document_key, const std::string& where) {
        for (std::size_t i = 0; i < collection_.indexes().size(); ++i) {
            const BoundIndex& index = collection_.indexes()[i];
            const IndexEntries entries = index_entries(collection_, index, document);
            if ((entries.arrays & ~marks_[i]) != 0) {
                find_fault(fmt::format("document {}: index {} does not know of its arrays", where,
                                       index.definition->name));
            }
            for (const Buffer& fields : entries.keys) {
                codec::KeyWriter key{index.space()};
                key.raw(without_space(fields));
                Buffer scratch;
                const StoredEntry wanted = stored_entry(index, key, document_key, scratch);
                Buffer value;
                const auto found = reading_.find(TreeId::documents, wanted.key, value);
                if (!found) {
                    find_fault(fmt::format("document {} has no entry in index {}", where,
                                           index.definition->name));
                } else if (*found != wanted.value) {
                    find_fault(
                        fmt::format("the entry of document {} in index {} belongs to "
                                    "another document",
                                    where, index.definition->name));
                }
            }
        }
    }

    void look_at(const BoundIndex& index) {
        const SpaceBounds all{index.space()};
        const auto cursor = reading_.cursor(TreeId::documents, all.lower, all.upper);
        for (cursor->seek_first(); cursor->valid(); cursor->next()) {
            if (cursor->key() == Bytes{all.lower}) continue;  // the array mark
            ++summary_.index_entries;
            if (!is_entry_of_document(index, cursor->key(), cursor->value())) {
                find_fault(
                    fmt::format("index {} has the entry {} for a document that is not there "
                                "or does not have these values",
                                index.definition->name, codec::describe_key(cursor->key())));
            }
        }
    }

    bool is_entry_of_document(const BoundIndex& index, Bytes key, Bytes value) {
        try {
            codec::KeyWriter document_key{collection_.space()};
            document_key.raw(entry_document(index, key, value));
            Buffer scratch;
            const auto found = reading_.find(TreeId::documents, document_key.bytes(), scratch);
            if (!found || codec::find_bson_fault(*found)) return false;
            const Bytes suffix = without_space(document_key.bytes());
            for (const Buffer& fields :
                 index_entries(collection_, index, DocumentView{*found}).keys) {
                codec::KeyWriter wanted{index.space()};
                wanted.raw(without_space(fields));
                Buffer limited_key;
                if (stored_entry(index, wanted, suffix, limited_key).key == key) return true;
            }
        } catch (const Error& error) {
            if (error.code() != ErrorCode::corrupt) throw;
        }
        return false;
    }

    const transaction::Reading& reading_;
    const BoundCollection& collection_;
    const std::function<void(std::string)>& report_;
    CheckSummary& summary_;
    Shape shape_;
    std::vector<std::uint32_t> marks_;
};

}  // namespace

std::optional<std::string> find_fault(const transaction::Reading& reading,
                                      const BoundCollection& collection, Bytes key, Bytes value) {
    std::optional<std::string> first;
    CheckSummary summary;
    const std::function<void(std::string)> keep = [&](std::string what) {
        if (!first) first = std::move(what);
    };
    Examination{reading, collection, keep, summary}.run_document(key, value);
    return first;
}

CheckSummary check(const transaction::Reading& reading, const Collections& collections,
                   const std::function<void(std::string)>& report) {
    CheckSummary summary;
    for (const auto& collection : collections.all()) {
        Examination{reading, *collection, report, summary}.run();
    }
    return summary;
}

}  // namespace amphora::document
