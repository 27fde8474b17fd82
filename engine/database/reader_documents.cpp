#include "database/document_cursor.hpp"
#include "database/reader_state.hpp"
#include "document/find.hpp"

#include <amphora/reader.hpp>

// The document half of Reader; the other is in reader_rows.cpp.
namespace amphora {

std::optional<Document> Reader::find(const Collection& collection, const Id& id) const {
    Buffer scratch;
    const auto found =
        document::find(state_->reading(), state_->schema().require(collection), id.value, scratch);
    if (!found) return std::nullopt;
    return Document{*found};
}

Documents Reader::find(const Collection& collection, const Document& filter,
                       const FindOptions& options) const {
    return Documents{std::make_shared<detail::DocumentCursor>(
        state_, document::find(state_->reading(), state_->schema().require(collection),
                               document::Filter{filter}, options))};
}

Documents Reader::find(const Collection& collection, std::string_view filter,
                       const FindOptions& options) const {
    return find(collection, Document::from_json(filter), options);
}

Documents Reader::scan(const Collection& collection, const FindOptions& options) const {
    return find(collection, Document{}, options);
}

Documents::Documents(std::shared_ptr<detail::DocumentCursor> cursor) : cursor_{std::move(cursor)} {}

Documents::Iterator Documents::begin() {
    cursor_->next();
    return Iterator{cursor_.get()};
}

std::string Documents::explain() const {
    return cursor_->explain();
}

DocumentView Documents::Iterator::operator*() const {
    return cursor_->document();
}

Documents::Iterator& Documents::Iterator::operator++() {
    cursor_->next();
    return *this;
}

bool Documents::Iterator::operator==(std::default_sentinel_t) const {
    return !cursor_->valid();
}

}  // namespace amphora
