#include "database/document_cursor.hpp"
#include "database/reader_state.hpp"
#include "stores/documents.hpp"

#include <amphora/reader.hpp>

// The documents of Reader; the rows are in reader_rows.cpp.
namespace amphora {

std::optional<Document> Reader::find(const Collection& collection, const Id& id) const {
    const detail::ReaderState::Stay stay{state()};
    Buffer scratch;
    const auto found =
        stores::find(state().reading(), state().schema(), collection, id.value, scratch);
    if (!found) return std::nullopt;
    return Document{*found};
}

Documents Reader::find(const Collection& collection, const Document& filter,
                       const FindOptions& options) const {
    const detail::ReaderState::Stay stay{state()};
    return range_of(std::make_shared<detail::DocumentCursor>(
        state_, stores::find(state().reading(), state().schema(), collection,
                             document::Filter{filter}, options)));
}

Documents Reader::find(const Collection& collection, std::string_view filter,
                       const FindOptions& options) const {
    return find(collection, Document::from_json(filter), options);
}

Documents Reader::scan(const Collection& collection, const FindOptions& options) const {
    return find(collection, Document{}, options);
}

Documents::Documents(std::shared_ptr<detail::DocumentCursor> cursor) : cursor_{std::move(cursor)} {}

detail::DocumentCursor& Documents::cursor() const {
    if (cursor_) [[likely]] {
        return *cursor_;
    }
    throw Error{ErrorCode::transaction_closed,
                "this range of documents was moved from; use the one that it was moved to"};
}

Documents::Iterator Documents::begin() {
    cursor().begin();
    return Iterator{cursor_.get()};
}

std::string Documents::explain() const {
    return cursor().explain();
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
