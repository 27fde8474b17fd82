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
        const catalog::Column& column = table_->definition().columns[place];
        const Cell value = cell(place);
        if (value.kind() == Cell::Kind::enumeration) {
            const auto member = static_cast<std::size_t>(value.integer());
            if (member >= column.type.members.size()) {
                throw Error{
                    ErrorCode::corrupt,
                    fmt::format("a row of {} has member {} in column {}, which has only {}",
                                table_->name(), member, column.name, column.type.members.size())};
            }
            record.set(column.name, Value{column.type.members[member]});
        } else {
            record.set(column.name, Value::from(value));
        }
    }
    return record;
}

}  // namespace amphora::relational
