#include "database/row_access.hpp"
#include "database/row_cursor.hpp"

#include <amphora/row.hpp>

namespace amphora {

namespace detail {

void RowCursor::begin() {
    if (begun_) refuse_second_walk("rows");
    begun_ = true;
    next();
}

void RowCursor::next() {
    const ReaderState::Stay stay{*state_};
    state_->require_open();
    valid_ = scan_.next();
    if (!valid_) return;
    RowAccess::show(current_, scan_.row());
}

void RowAccess::refuse() {
    throw Error{ErrorCode::invalid_argument,
                "this RowView shows no row; ask it only after a find has returned true, or while a "
                "scan gives it"};
}

}  // namespace detail

Cell RowView::cell(std::size_t place) const {
    return detail::RowAccess::row(*this).cell(static_cast<std::uint32_t>(place));
}

Cell RowView::operator[](std::string_view column) const {
    return detail::RowAccess::row(*this).cell(column);
}

Record RowView::record() const {
    return detail::RowAccess::row(*this).record();
}

Rows::Rows(std::shared_ptr<detail::RowCursor> cursor) : cursor_{std::move(cursor)} {}

detail::RowCursor& Rows::cursor() const {
    if (cursor_) [[likely]] {
        return *cursor_;
    }
    throw Error{ErrorCode::transaction_closed,
                "this range of rows was moved from; use the one that it was moved to"};
}

Rows::Iterator Rows::begin() {
    cursor().begin();
    return Iterator{cursor_.get()};
}

std::string Rows::explain() const {
    return cursor().explain();
}

const RowView& Rows::Iterator::operator*() const {
    return cursor_->row();
}

Rows::Iterator& Rows::Iterator::operator++() {
    cursor_->next();
    return *this;
}

bool Rows::Iterator::operator==(std::default_sentinel_t) const {
    return !cursor_->valid();
}

}  // namespace amphora
