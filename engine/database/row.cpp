#include "relational/row/row.hpp"

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
    current_.show(scan_.row());
}

}  // namespace detail

void RowView::show(const relational::Row& row) noexcept {
    table_ = &row.table();
    bytes_ = row.bytes();
    parts_ = row.parts();
}

relational::Row RowView::row() const {
    if (table_ != nullptr) [[likely]] {
        return {*table_, bytes_, parts_};
    }
    throw Error{ErrorCode::invalid_argument,
                "this RowView shows no row; ask it only after a find has returned true, or while a "
                "scan gives it"};
}

Cell RowView::cell(std::size_t place) const {
    return row().cell(static_cast<std::uint32_t>(place));
}

Cell RowView::operator[](std::string_view column) const {
    return row().cell(column);
}

Record RowView::record() const {
    return row().record();
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
