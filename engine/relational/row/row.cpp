#include "relational/row/row.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::relational {

Cell Row::cell(std::uint32_t column) const {
    const Cell stored = view_.cell(column);
    if (!stored.is_absent()) [[likely]] {
        return stored;
    }
    const ColumnRule& rule = table_->rule(column);
    return rule.absent == ColumnRule::Absent::value ? rule.value : Cell::null();
}

Cell Row::cell(std::string_view column) const {
    return cell(table_->require_column(column));
}

Record Row::record() const {
    Record record;
    for (std::uint32_t place = 0; place < table_->column_count(); ++place) {
        record.set(table_->definition().columns[place].name, value_of(*table_, place, cell(place)));
    }
    return record;
}

Value value_of(const BoundTable& table, std::uint32_t column, const Cell& cell) {
    if (cell.kind() != Cell::Kind::enumeration) return Value::from(cell);
    const catalog::Column& definition = table.definition().columns[column];
    const auto member = static_cast<std::size_t>(cell.integer());
    if (member < definition.type.members.size()) return Value{definition.type.members[member]};
    throw Error{ErrorCode::corrupt,
                fmt::format("a row of {} has member {} in column {}, which has only {}",
                            table.name(), member, definition.name, definition.type.members.size())};
}

}  // namespace amphora::relational
