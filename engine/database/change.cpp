#include "database/retention/sweep.hpp"
#include "database/row_access.hpp"
#include "database/shown_change.hpp"
#include "events/change_key.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora {

namespace detail {

FeedPosition ShownChange::position() const noexcept {
    return events::position_of(*change_, lineage_);
}

const RowView* ShownChange::show(RowView& view, const relational::BoundTable& table,
                                 const std::optional<Bytes>& state) {
    if (!state) return nullptr;
    RowAccess::show(view, relational::Row{table, *state});
    return &view;
}

const RowView* ShownChange::row_after() {
    return show(after_, table_then(), change_->after);
}
const RowView* ShownChange::row_before() {
    return show(before_, table_then(), change_->before);
}
const RowView* ShownChange::newest_after() {
    return show(newest_after_, *change_->table, change_->after);
}
const RowView* ShownChange::newest_before() {
    return show(newest_before_, *change_->table, change_->before);
}

}  // namespace detail

namespace {

using events::CommitChange;

[[noreturn]] void refuse(const CommitChange& change, const char* asked) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("the change is {} of {}, and has no {}; ask `kind`, `is_row` and "
                            "`is_document` first",
                            to_string(change.kind), change.name, asked)};
}

const CommitChange& require_row(const CommitChange& change) {
    if (change.table == nullptr) refuse(change, "row");
    return change;
}

const CommitChange& require_document(const CommitChange& change) {
    if (change.collection == nullptr) refuse(change, "document");
    return change;
}

OptionalDocument view_of(const std::optional<Bytes>& bytes) {
    if (!bytes) return std::nullopt;
    return DocumentView{*bytes};
}

}  // namespace

ChangeKind Change::kind() const noexcept {
    return shown_->change().kind;
}
bool Change::is_row() const noexcept {
    return shown_->change().table != nullptr;
}
bool Change::is_document() const noexcept {
    return shown_->change().collection != nullptr;
}
std::string_view Change::name() const noexcept {
    return shown_->change().name;
}
FeedPosition Change::position() const noexcept {
    return shown_->position();
}
Commit Change::commit() const noexcept {
    return shown_->change().commit;
}
DateTime Change::time() const noexcept {
    return DateTime{shown_->change().time_us};
}
bool Change::is_last_of_commit() const noexcept {
    return shown_->change().is_last;
}
std::string_view Change::origin() const noexcept {
    return shown_->change().context.origin;
}
std::string_view Change::correlation() const noexcept {
    return shown_->change().context.correlation;
}
std::string_view Change::causation() const noexcept {
    return shown_->change().context.causation;
}
bool Change::is_expired() const noexcept {
    return origin() == retention::origin;
}

Record Change::key() const {
    return events::key_of(require_row(shown_->change()));
}
const RowView* Change::row_after() const {
    require_row(shown_->change());
    return shown_->row_after();
}
const RowView* Change::row_before() const {
    require_row(shown_->change());
    return shown_->row_before();
}
const RowView* Change::newest_after() const {
    require_row(shown_->change());
    return shown_->newest_after();
}
const RowView* Change::newest_before() const {
    require_row(shown_->change());
    return shown_->newest_before();
}
void Change::require_typed(std::string_view table, std::size_t columns) const {
    const CommitChange& change = require_row(shown_->change());
    if (detail::hash_name(table) != detail::hash_name(change.name)) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("the change is of a row of {}, not of {}; ask `name` first",
                                change.name, table)};
    }
    if (columns <= change.table->column_count()) return;
    throw Error{ErrorCode::schema_mismatch,
                fmt::format("table {} has {} columns there, and the rows of the program have {}; "
                            "ask `row_after` and `row_before` for the columns by their names",
                            table, change.table->column_count(), columns)};
}

BsonValue Change::id() const {
    return events::id_of(require_document(shown_->change()));
}
OptionalDocument Change::document_after() const {
    return view_of(require_document(shown_->change()).after);
}
OptionalDocument Change::document_before() const {
    return view_of(require_document(shown_->change()).before);
}

DocumentView Change::payload() const {
    if (kind() != ChangeKind::event) refuse(shown_->change(), "payload");
    return DocumentView{*shown_->change().after};
}
std::string_view Change::definition() const {
    if (kind() != ChangeKind::schema) refuse(shown_->change(), "definition");
    return *shown_->change().after;
}

}  // namespace amphora
