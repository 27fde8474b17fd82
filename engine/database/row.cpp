#include "relational/row.hpp"

#include "database/row_cursor.hpp"

#include <amphora/row.hpp>

namespace amphora {

namespace detail {

namespace {

/// The cells point into `conditions`.
relational::Scan plan_of(const relational::BoundTable& table, const Conditions& conditions,
                         const ScanOptions& options) {
    relational::Scan plan;
    for (const Condition& condition : conditions.all()) {
        relational::ColumnCondition& bound = plan.conditions.emplace_back();
        bound.column = table.require_column(condition.column);
        bound.comparison = condition.comparison;
        for (const Value& value : condition.values) bound.cells.push_back(value.cell());
    }
    if (!options.index.empty()) plan.index = &table.require_index(options.index);
    plan.direction = options.direction;
    plan.limit = options.limit;
    return plan;
}

}  // namespace

RowCursor::RowCursor(std::shared_ptr<ReaderState> state, const relational::BoundTable& table,
                     Conditions conditions, const ScanOptions& options)
    : state_{std::move(state)},
      table_{table},
      conditions_{std::move(conditions)},
      plan_{plan_of(table, conditions_, options)},
      scan_{relational::scan(state_->reading(), table, plan_)} {}

void RowCursor::next() {
    state_->require_open();
    valid_ = scan_.next();
    if (!valid_) return;
    current_.show(scan_.row());
}

std::string RowCursor::explain() const {
    return relational::explain(table_, plan_);
}

}  // namespace detail

void RowView::show(const relational::Row& row) noexcept {
    table_ = &row.table();
    bytes_ = row.bytes();
    parts_ = row.parts();
}

Cell RowView::cell(std::size_t place) const {
    return relational::Row{*table_, bytes_, parts_}.cell(static_cast<std::uint32_t>(place));
}

Cell RowView::operator[](std::string_view column) const {
    return relational::Row{*table_, bytes_, parts_}.cell(column);
}

Record RowView::record() const {
    return relational::Row{*table_, bytes_, parts_}.record();
}

Rows::Rows(std::shared_ptr<detail::RowCursor> cursor) : cursor_{std::move(cursor)} {}

Rows::Iterator Rows::begin() {
    cursor_->next();
    return Iterator{cursor_.get()};
}

std::string Rows::explain() const {
    return cursor_->explain();
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
