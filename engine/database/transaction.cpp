#include <amphora/transaction.hpp>

#include "base/clock.hpp"
#include "database/reader_state.hpp"
#include "document/statement.hpp"
#include "relational/scan/scan.hpp"
#include "relational/statement.hpp"

#include <amphora/error.hpp>

namespace amphora {

namespace {

/// One cell for each column, absent if the record does not name it. Points into `row`.
std::vector<Cell> cells_of(const relational::BoundTable& table, const Record& row) {
    std::vector<Cell> cells(table.column_count());
    for (const Record::Field& field : row) {
        cells[table.require_column(field.first)] = field.second.cell();
    }
    return cells;
}

std::vector<Cell> cells_of(const std::vector<Value>& values) {
    std::vector<Cell> cells;
    cells.reserve(values.size());
    for (const Value& value : values) cells.push_back(value.cell());
    return cells;
}

std::vector<relational::Assignment> assignments_of(std::span<const Cell> cells) {
    std::vector<relational::Assignment> assignments;
    assignments.reserve(cells.size());
    for (std::uint32_t place = 0; place < cells.size(); ++place) {
        assignments.push_back({place, cells[place]});
    }
    return assignments;
}

void require_all_columns(const relational::BoundTable& table, std::span<const Cell> cells) {
    if (cells.size() == table.column_count()) return;
    throw Error{ErrorCode::schema_mismatch,
                "table " + std::string{table.name()} + " has " +
                    std::to_string(table.column_count()) + " columns, the row has " +
                    std::to_string(cells.size()) +
                    "; was the program built with the schema that is stored?"};
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
    const relational::BoundTable& bound = state().schema().require(table);
    require_all_columns(bound, cells);
    stored.scratch_ = relational::insert(state().writing(), bound, cells).release();
    stored.show(relational::Row{bound, stored.scratch_});
}

void Transaction::insert_rows(const Table& table, std::span<const std::vector<Cell>> rows) {
    const detail::ReaderState::Stay stay{state()};
    const relational::BoundTable& bound = state().schema().require(table);
    for (const std::vector<Cell>& cells : rows) require_all_columns(bound, cells);
    relational::insert_together(state().writing(), bound, rows);
}

void Transaction::put_row(const Table& table, std::span<const Cell> cells, RowView& stored) {
    const detail::ReaderState::Stay stay{state()};
    const relational::BoundTable& bound = state().schema().require(table);
    require_all_columns(bound, cells);
    stored.scratch_ = relational::put(state().writing(), bound, cells).release();
    stored.show(relational::Row{bound, stored.scratch_});
}

bool Transaction::update_row(const Table& table, std::span<const Cell> cells) {
    const detail::ReaderState::Stay stay{state()};
    const relational::BoundTable& bound = state().schema().require(table);
    require_all_columns(bound, cells);
    std::vector<Cell> key;
    for (const std::uint32_t place : bound.definition().primary_key) key.push_back(cells[place]);
    return replace_row(table, key, cells);
}

bool Transaction::replace_row(const Table& table, std::span<const Cell> key,
                              std::span<const Cell> cells) {
    const detail::ReaderState::Stay stay{state()};
    const relational::BoundTable& bound = state().schema().require(table);
    require_all_columns(bound, cells);
    std::vector<relational::Assignment> assignments = assignments_of(cells);
    // Every column is named here, but ON UPDATE NOW() columns are set by the engine.
    std::erase_if(assignments, [&](const relational::Assignment& assignment) {
        return bound.definition().columns[assignment.column].now_on_update;
    });
    return relational::update(state().writing(), bound, key, assignments).has_value();
}

bool Transaction::erase_row(const Table& table, std::span<const Cell> key) {
    const detail::ReaderState::Stay stay{state()};
    return relational::erase(state().writing(), state().schema().require(table), key);
}

Record Transaction::insert(const Table& table, const Record& row) {
    const detail::ReaderState::Stay stay{state()};
    const relational::BoundTable& bound = state().schema().require(table);
    return relational::insert(state().writing(), bound, cells_of(bound, row)).row().record();
}

Record Transaction::put(const Table& table, const Record& row) {
    const detail::ReaderState::Stay stay{state()};
    const relational::BoundTable& bound = state().schema().require(table);
    return relational::put(state().writing(), bound, cells_of(bound, row)).row().record();
}

bool Transaction::update(const Table& table, const std::vector<Value>& key, const Record& changes) {
    const detail::ReaderState::Stay stay{state()};
    const relational::BoundTable& bound = state().schema().require(table);
    std::vector<relational::Assignment> assignments;
    for (const Record::Field& field : changes) {
        assignments.push_back({bound.require_column(field.first), field.second.cell()});
    }
    return relational::update(state().writing(), bound, cells_of(key), assignments).has_value();
}

bool Transaction::erase(const Table& table, const std::vector<Value>& key) {
    return erase_row(table, cells_of(key));
}

BsonValue Transaction::insert(const Collection& collection, const Document& document) {
    const detail::ReaderState::Stay stay{state()};
    return document::insert(state().writing(), state().schema().require(collection), document);
}

BsonValue Transaction::put(const Collection& collection, const Document& document) {
    const detail::ReaderState::Stay stay{state()};
    return document::put(state().writing(), state().schema().require(collection), document);
}

bool Transaction::update(const Collection& collection, const Id& id, const Document& change) {
    const detail::ReaderState::Stay stay{state()};
    return document::update(state().writing(), state().schema().require(collection), id.value,
                            document::Update{change});
}

std::uint64_t Transaction::update_all(const Collection& collection, const Document& filter,
                                      const Document& change) {
    const detail::ReaderState::Stay stay{state()};
    return document::update(state().writing(), state().schema().require(collection),
                            document::Filter{filter}, document::Update{change});
}

bool Transaction::erase(const Collection& collection, const Id& id) {
    const detail::ReaderState::Stay stay{state()};
    return document::erase(state().writing(), state().schema().require(collection), id.value);
}

std::uint64_t Transaction::erase_all(const Collection& collection, const Document& filter) {
    const detail::ReaderState::Stay stay{state()};
    return document::erase(state().writing(), state().schema().require(collection),
                           document::Filter{filter});
}

void Transaction::publish(std::string_view topic, const Document& payload) {
    const detail::ReaderState::Stay stay{state()};
    if (topic.empty()) {
        throw Error{ErrorCode::invalid_argument, "an event needs a topic; the one given is empty"};
    }
    const Document event{{"topic", topic}, {"payload", payload}};
    transaction::Writing& writing = state().writing();
    if (event.has_now()) {
        writing.publish(event.with_now(floor_milliseconds(writing.now_us())).bytes());
    } else {
        writing.publish(event.bytes());
    }
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
    return state().core().engine->commit(state().take_writing());
}

void Transaction::rollback() {
    const detail::ReaderState::Stay stay{state()};
    state().core().engine->rollback(state().take_writing());
}

}  // namespace amphora
