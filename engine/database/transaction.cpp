#include <amphora/transaction.hpp>

#include "database/reader_state.hpp"
#include "database/row_access.hpp"
#include "database/system_access.hpp"
#include "stores/cells.hpp"
#include "stores/documents.hpp"
#include "stores/events.hpp"
#include "stores/rows.hpp"

namespace amphora {

namespace {

void show(relational::OwnedRow stored, RowView& view) {
    const relational::BoundTable& table = stored.table();
    std::string& memory = detail::RowAccess::scratch(view);
    memory = stored.release();
    detail::RowAccess::show(view, relational::Row{table, memory});
}

std::string_view kind_of(const Table&) {
    return "table";
}
std::string_view kind_of(const Collection&) {
    return "collection";
}

/// The schema for a statement that writes to `space`, a table or collection. Throws
/// `invalid_argument` if only the engine writes to it.
template <class Space>
const stores::BoundSchema& schema_to_write(const detail::ReaderState& state, const Space& space) {
    const stores::BoundSchema& schema = state.schema();
    const bool is_guarded =
        catalog::is_system_name(space.name) && !state.core().may_write_system_spaces;
    if (is_guarded && schema.catalog().find(space) != nullptr) [[unlikely]] {
        detail::SystemAccess::refuse_write(kind_of(space), space.name);
    }
    return schema;
}

}  // namespace

Transaction::Transaction(Transaction&&) noexcept = default;

Transaction& Transaction::operator=(Transaction&& other) noexcept {
    // The transaction of this handle is dropped, as by its destructor.
    Transaction dropped{std::move(*this)};
    state_ = std::move(other.state_);
    return *this;
}

Transaction::~Transaction() {
    // Destroying the Writing drops the write set and gives up the turn; ranges may share the state.
    if (state_ && state_->is_writing()) state_->drop_writing();
}

void Transaction::insert_row(const Table& table, std::span<const Cell> cells, RowView& stored) {
    const detail::ReaderState::Stay stay{state()};
    show(stores::insert(state().writing(), schema_to_write(state(), table), table, cells), stored);
}

void Transaction::insert_rows(const Table& table, std::span<const std::vector<Cell>> rows) {
    const detail::ReaderState::Stay stay{state()};
    stores::insert_together(state().writing(), schema_to_write(state(), table), table, rows);
}

void Transaction::put_row(const Table& table, std::span<const Cell> cells, RowView& stored) {
    const detail::ReaderState::Stay stay{state()};
    show(stores::put(state().writing(), schema_to_write(state(), table), table, cells), stored);
}

bool Transaction::replace_row(const Table& table, std::span<const Cell> cells) {
    const detail::ReaderState::Stay stay{state()};
    return stores::replace(state().writing(), schema_to_write(state(), table), table, cells);
}

bool Transaction::replace_row(const Table& table, std::span<const Cell> key,
                              std::span<const Cell> cells) {
    const detail::ReaderState::Stay stay{state()};
    return stores::replace(state().writing(), schema_to_write(state(), table), table, key, cells);
}

bool Transaction::erase_row(const Table& table, std::span<const Cell> key) {
    const detail::ReaderState::Stay stay{state()};
    return stores::erase(state().writing(), schema_to_write(state(), table), table, key);
}

Record Transaction::insert(const Table& table, const Record& row) {
    const detail::ReaderState::Stay stay{state()};
    return stores::insert(state().writing(), schema_to_write(state(), table), table, row)
        .row()
        .record();
}

Record Transaction::put(const Table& table, const Record& row) {
    const detail::ReaderState::Stay stay{state()};
    return stores::put(state().writing(), schema_to_write(state(), table), table, row)
        .row()
        .record();
}

bool Transaction::replace(const Table& table, const Record& row) {
    const detail::ReaderState::Stay stay{state()};
    return stores::replace(state().writing(), schema_to_write(state(), table), table, row);
}

bool Transaction::update(const Table& table, const RowKey& key, const Record& changes) {
    return update_columns(table, stores::cells_of(key.values()), changes);
}

bool Transaction::update_columns(const Table& table, std::span<const Cell> key,
                                 const Record& changes) {
    const detail::ReaderState::Stay stay{state()};
    return stores::update(state().writing(), schema_to_write(state(), table), table, key, changes);
}

bool Transaction::erase(const Table& table, const RowKey& key) {
    return erase_row(table, stores::cells_of(key.values()));
}

BsonValue Transaction::insert(const Collection& collection, const Document& document) {
    const detail::ReaderState::Stay stay{state()};
    return stores::insert(state().writing(), schema_to_write(state(), collection), collection,
                          document);
}

BsonValue Transaction::put(const Collection& collection, const Document& document) {
    const detail::ReaderState::Stay stay{state()};
    return stores::put(state().writing(), schema_to_write(state(), collection), collection,
                       document);
}

bool Transaction::update(const Collection& collection, const Id& id, const Document& change) {
    const detail::ReaderState::Stay stay{state()};
    return stores::update(state().writing(), schema_to_write(state(), collection), collection,
                          id.value, document::Update{change});
}

std::uint64_t Transaction::update_all(const Collection& collection, const Document& filter,
                                      const Document& change) {
    const detail::ReaderState::Stay stay{state()};
    return stores::update(state().writing(), schema_to_write(state(), collection), collection,
                          document::Filter{filter}, document::Update{change});
}

bool Transaction::erase(const Collection& collection, const Id& id) {
    const detail::ReaderState::Stay stay{state()};
    return stores::erase(state().writing(), schema_to_write(state(), collection), collection,
                         id.value);
}

std::uint64_t Transaction::erase_all(const Collection& collection, const Document& filter) {
    const detail::ReaderState::Stay stay{state()};
    return stores::erase(state().writing(), schema_to_write(state(), collection), collection,
                         document::Filter{filter});
}

void Transaction::publish(std::string_view topic, const Document& payload) {
    const detail::ReaderState::Stay stay{state()};
    stores::publish(state().writing(), topic, payload);
}

Transaction::Savepoint Transaction::savepoint() {
    const detail::ReaderState::Stay stay{state()};
    const auto stamp = static_cast<std::uint64_t>(state().writing().savepoint());
    detail::Savepoints& savepoints = state().savepoints();
    return {savepoints.transaction(), savepoints.take(), stamp};
}

void Transaction::rollback_to(const Savepoint& savepoint) {
    const detail::ReaderState::Stay stay{state()};
    transaction::Writing& writing = state().writing();
    detail::Savepoints& savepoints = state().savepoints();
    savepoints.require_alive(savepoint.transaction_, savepoint.number_, "rollback_to");
    savepoints.end_after(savepoint.number_);
    writing.rollback_to(transaction::Writing::Savepoint{savepoint.stamp_});
}

void Transaction::release(const Savepoint& savepoint) {
    const detail::ReaderState::Stay stay{state()};
    state().require_open();
    detail::Savepoints& savepoints = state().savepoints();
    savepoints.require_alive(savepoint.transaction_, savepoint.number_, "release");
    savepoints.end_from(savepoint.number_);
}

bool Transaction::has_ended() const noexcept {
    return !state_ || !state_->is_writing();
}

Commit Transaction::commit() {
    const detail::ReaderState::Stay stay{state()};
    state().require_own();
    return state().core().engine->commit(state().take_writing());
}

void Transaction::rollback() {
    const detail::ReaderState::Stay stay{state()};
    state().require_own();
    state().core().engine->rollback(state().take_writing());
}

}  // namespace amphora
