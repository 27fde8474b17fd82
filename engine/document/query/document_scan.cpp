#include "document/query/document_scan.hpp"

#include "base/assert.hpp"
#include "document/collection/keys.hpp"
#include "document/index/writer.hpp"
#include "document/query/plan.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <unordered_set>

namespace amphora::document {

std::optional<DocumentView> find(const transaction::Reading& reading,
                                 const BoundCollection& collection, BsonView id, Buffer& scratch) {
    const DocumentKey key{collection.space(), id};
    const std::optional<Bytes> bytes = reading.find(TreeId::documents, key.bytes(), scratch);
    if (!bytes) return std::nullopt;
    const DocumentView document{*bytes};
    return is_id_of(id, key.bytes(), document) ? std::optional{document} : std::nullopt;
}

/// A find that is being walked: entry after entry through the plan's ranges, to the document,
/// through the filter.
class DocumentScan::Walk {
  public:
    Walk(const transaction::Reading& reading, const BoundCollection& collection, Filter filter,
         Direction direction)
        : reading_{reading},
          collection_{collection},
          filter_{std::move(filter)},
          direction_{direction},
          plan_{plan(reading, collection, filter_)},
          // A transaction may write while it walks, and this must not change the walk. A cursor
          // reads the state of the moment when it was made; `find` does not.
          in_transaction_{reading.may_change()},
          key_{collection.space()} {
        if (plan_.point) {
            fetch_point(*plan_.point);
            return;
        }
        cursor_ = reading.cursor(TreeId::documents, plan_.ranges.front().lower,
                                 plan_.ranges.back().upper);
    }

    bool next() {
        while (advance()) {
            if (is_wanted()) return true;
        }
        return false;
    }

    [[nodiscard]] DocumentView document() const { return DocumentView{document_}; }
    [[nodiscard]] Bytes key() const { return key_.bytes(); }

    [[nodiscard]] std::string explain() const {
        return fmt::format("{}: {}{}", collection_.name(), plan_.description,
                           filter_.is_empty() ? "" : "; the filter is checked on each document");
    }

  private:
    /// One key needs no cursor. It is read at once, and copied in a transaction, which may write
    /// it.
    void fetch_point(const Buffer& stored_key) {
        std::optional<Bytes> found = reading_.find(TreeId::documents, stored_key, scratch_);
        if (found && plan_.index != nullptr) {
            to_document(stored_key, *found);
            found = reading_.find(TreeId::documents, key_.bytes(), scratch_);
            if (!found) missing_document();
        } else {
            key_.restart(collection_.space());
            key_.raw(without_space(stored_key));
        }
        if (!found) return;
        if (in_transaction_ && found->data() != scratch_.data()) {
            scratch_.assign(*found);
            found = Bytes{scratch_};
        }
        document_ = *found;
        point_waits_ = true;
    }

    /// Moves to the next document in the ranges, before the filter.
    bool advance() {
        if (plan_.point) return std::exchange(point_waits_, false);
        if (!step()) return false;
        if (plan_.index == nullptr) {
            key_.restart(collection_.space());
            key_.raw(without_space(cursor_->key()));
            document_ = cursor_->value();
        } else {
            to_document(cursor_->key(), cursor_->value());
            document_ = require_document();
        }
        return true;
    }

    /// Moves the cursor to the next key in the ranges; false at the end of the last, and after it.
    bool step() {
        const bool forward = direction_ == Direction::forward;
        const std::size_t count = plan_.ranges.size();
        if (started_) {
            forward ? cursor_->next() : cursor_->previous();
        }
        for (; range_ < count; ++range_) {
            const KeyRange& range = plan_.ranges[forward ? range_ : count - 1 - range_];
            if (!std::exchange(started_, true)) {
                if (count > 1) cursor_->narrow_to(range.lower, range.upper);
                forward ? cursor_->seek(range.lower) : cursor_->seek_before(range.upper);
            }
            if (cursor_->valid() && cursor_->key() >= Bytes{range.lower} &&
                cursor_->key() < Bytes{range.upper}) {
                return true;
            }
            started_ = false;
        }
        return false;
    }

    void to_document(Bytes key, Bytes value) {
        key_.restart(collection_.space());
        key_.raw(entry_document(*plan_.index, key, value));
    }

    Bytes require_document() {
        const auto found = in_transaction_
                               ? cursor_->find(key_.bytes())
                               : reading_.find(TreeId::documents, key_.bytes(), scratch_);
        if (!found) missing_document();
        return *found;
    }

    [[noreturn]] void missing_document() const {
        throw Error{ErrorCode::corrupt,
                    fmt::format("index {} of collection {} has an entry for a document that is not "
                                "there, {}",
                                plan_.index->definition->name, collection_.name(),
                                codec::describe_key(key_.bytes()))};
    }

    bool is_wanted() {
        if (!filter_.matches(document())) return false;
        return !plan_.repeats || seen_.emplace(key_.bytes()).second;
    }

    const transaction::Reading& reading_;
    const BoundCollection& collection_;
    const Filter filter_;
    const Direction direction_;
    const Plan plan_;
    const bool in_transaction_;
    std::unique_ptr<transaction::Cursor> cursor_;  ///< over the index, or over the documents
    std::size_t range_ = 0;                        ///< in the plan, in walking order
    bool started_ = false;                         ///< whether the cursor is in that range
    bool point_waits_ = false;
    codec::KeyWriter key_;  ///< the key of the document
    Bytes document_;
    Buffer scratch_;
    std::unordered_set<std::string> seen_;
};

DocumentScan::DocumentScan(std::unique_ptr<Walk> walk) noexcept : walk_{std::move(walk)} {}
DocumentScan::DocumentScan(DocumentScan&&) noexcept = default;
DocumentScan& DocumentScan::operator=(DocumentScan&&) noexcept = default;
DocumentScan::~DocumentScan() = default;

bool DocumentScan::next() {
    return walk_->next();
}
DocumentView DocumentScan::document() const {
    return walk_->document();
}
Bytes DocumentScan::key() const {
    return walk_->key();
}
std::string DocumentScan::explain() const {
    return walk_->explain();
}

DocumentScan find(const transaction::Reading& reading, const BoundCollection& collection,
                  Filter filter, Direction direction) {
    return DocumentScan{
        std::make_unique<DocumentScan::Walk>(reading, collection, std::move(filter), direction)};
}

}  // namespace amphora::document
