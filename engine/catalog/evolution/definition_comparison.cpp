#include "catalog/evolution/definition_comparison.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace amphora::catalog {

std::string joined(const std::vector<std::string>& names) {
    return fmt::format("({})", fmt::join(names, ", "));
}

bool same_names(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(), same_name);
}

bool is_same(const Reference& left, const Reference& right) {
    return same_name(left.parent, right.parent) && same_names(left.columns, right.columns);
}

std::string to_text(const Reference& reference) {
    return fmt::format("the reference {} to {}{}", joined(reference.columns), reference.parent,
                       reference.on_delete == OnDelete::cascade ? " ON DELETE CASCADE" : "");
}

std::string to_text(const Index& index) {
    return fmt::format("{}index {} {}", index.unique ? "unique " : "", index.name,
                       joined(index.columns));
}

bool has_default(const Column& column) {
    const Value* literal = std::get_if<Value>(&column.default_value);
    return literal == nullptr ? std::holds_alternative<Now>(column.default_value)
                              : !literal->is_null();
}
bool has_literal_default(const Column& column) {
    return has_default(column) && std::holds_alternative<Value>(column.default_value);
}
bool same_default(const Column& left, const Column& right) {
    return has_default(left) == has_default(right) &&
           (!has_default(left) || left.default_value == right.default_value);
}

bool is_wider(const ColumnType& wanted, const ColumnType& stored) {
    if (wanted.type != stored.type) return false;
    if (wanted.type == Type::varchar) {
        return wanted.length_max > stored.length_max;
    }
    return wanted.type == Type::enumeration && wanted.members.size() > stored.members.size() &&
           std::equal(stored.members.begin(), stored.members.end(), wanted.members.begin());
}

void collect_columns(const Expression& expression, std::set<std::uint32_t>& columns) {
    if (expression.kind == Expression::Kind::column) columns.insert(expression.column);
    for (const Expression& operand : expression.operands) collect_columns(operand, columns);
}

Cell cell_before(const Column& column) {
    if (!has_literal_default(column)) return Cell::null();
    const Value& literal = std::get<Value>(column.default_value);
    if (column.type.type != Type::enumeration) return literal.cell();
    const auto& members = column.type.members;
    const auto found = std::find(members.begin(), members.end(), literal.as<std::string>());
    return Cell::enumeration(found - members.begin());
}

Expression with_places(Expression expression, std::span<const Column> from,
                       std::span<const Column> to) {
    if (expression.kind == Expression::Kind::column) {
        const auto found = std::ranges::find_if(to, [&](const Column& column) {
            return same_name(column.name, from[expression.column].name);
        });
        expression.column =
            found == to.end() ? UINT32_MAX : static_cast<std::uint32_t>(found - to.begin());
    }
    for (Expression& operand : expression.operands) {
        operand = with_places(std::move(operand), from, to);
    }
    return expression;
}

}  // namespace amphora::catalog
