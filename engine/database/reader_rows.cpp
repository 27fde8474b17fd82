#include "database/reader_state.hpp"
#include "database/row_access.hpp"
#include "database/row_cursor.hpp"
#include "stores/cells.hpp"
#include "stores/rows.hpp"

#include <amphora/reader.hpp>

// The rows of Reader; the documents are in reader_documents.cpp.
namespace amphora {

Reader::Reader(std::shared_ptr<detail::ReaderState> state) noexcept : state_{std::move(state)} {}

detail::ReaderState& Reader::state() const {
    if (state_) [[likely]] {
        return *state_;
    }
    throw Error{ErrorCode::transaction_closed,
                "this handle was moved from; use the one that it was moved to"};
}

bool Reader::find_row(const Table& table, std::span<const Cell> key, RowView& row) const {
    const detail::ReaderState::Stay stay{state()};
    const auto found = stores::find(state().reading(), state().schema(), table, key,
                                    detail::RowAccess::scratch(row));
    if (!found) return false;
    detail::RowAccess::show(row, *found);
    return true;
}

bool Reader::find_row(const UniqueIndex& index, std::span<const Cell> key, RowView& row) const {
    const detail::ReaderState::Stay stay{state()};
    const auto found = stores::find(state().reading(), state().schema(), index, key,
                                    detail::RowAccess::scratch(row));
    if (!found) return false;
    detail::RowAccess::show(row, *found);
    return true;
}

std::optional<Record> Reader::find(const Table& table, const RowKey& key) const {
    RowView row;
    if (!find_row(table, stores::cells_of(key.values()), row)) return std::nullopt;
    return row.record();
}

std::optional<Record> Reader::find(const UniqueIndex& index, const RowKey& key) const {
    RowView row;
    if (!find_row(index, stores::cells_of(key.values()), row)) return std::nullopt;
    return row.record();
}

Rows Reader::scan(const Table& table, const Conditions& conditions,
                  const ScanOptions& options) const {
    const detail::ReaderState::Stay stay{state()};
    return Rows{std::make_shared<detail::RowCursor>(
        state_, stores::scan(state().reading(), state().schema(), table, conditions, options))};
}

Rows Reader::scan(const Index& index, const Conditions& conditions,
                  const ScanOptions& options) const {
    ScanOptions by_index = options;
    by_index.index = index.name;
    return scan(index.table, conditions, by_index);
}

Commit Reader::commit_seen() const {
    const detail::ReaderState::Stay stay{state()};
    return state().reading().commit_seen();
}

}  // namespace amphora
