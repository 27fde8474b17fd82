#include "catalog/language/print.hpp"

#include "catalog/language/token_stream.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace amphora::catalog {

namespace {

std::string quoted_with(char quote, std::string_view text) {
    std::string result{quote};
    for (const char letter : text) {
        if (letter == quote) result += quote;
        result += letter;
    }
    result += quote;
    return result;
}

/// A dotted path, each of its names quoted if necessary.
std::string quoted_path(std::string_view path) {
    std::string result;
    while (true) {
        const std::size_t point = std::min(path.find('.'), path.size());
        result += quoted(path.substr(0, point));
        if (point == path.size()) return result;
        result += '.';
        path.remove_prefix(point + 1);
    }
}

template <class Quote>
std::string name_list(const std::vector<std::string>& names, Quote quote) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + quote(name);
    return list;
}

std::string_view if_not_exists(bool declared_so) {
    return declared_so ? "IF NOT EXISTS " : "";
}

/// The parts that tables and collections have in common, one line each.
template <class Owner, class Quote>
void add_constraints(const Owner& owner, Quote quote, std::vector<std::string>& lines) {
    for (const Index& index : owner.indexes) {
        lines.push_back(fmt::format("{}INDEX {} ({})", index.unique ? "UNIQUE " : "",
                                    quoted(index.name), name_list(index.columns, quote)));
    }
    for (const Reference& reference : owner.references) {
        lines.push_back(
            fmt::format("CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}{}", quoted(reference.name),
                        name_list(reference.columns, quoted), quoted(reference.parent),
                        reference.on_delete == OnDelete::cascade ? " ON DELETE CASCADE" : ""));
    }
    for (const Check& check : owner.checks) {
        lines.push_back(fmt::format("CONSTRAINT {} CHECK ({})", quoted(check.name), check.text));
    }
}

std::string in_parentheses(const std::vector<std::string>& lines) {
    std::string body;
    for (const std::string& line : lines) body += (body.empty() ? "\n    " : ",\n    ") + line;
    return "(" + body + "\n)";
}

/// " WITH (retain = '90 days', before = TRUE)"; empty without options.
std::string options_clause(const std::vector<std::string>& options) {
    return options.empty() ? "" : fmt::format(" WITH ({})", fmt::join(options, ", "));
}

}  // namespace

std::string quoted(std::string_view name) {
    const bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
                       std::all_of(name.begin(), name.end(),
                                   [](char letter) {
                                       return (letter >= 'a' && letter <= 'z') ||
                                              (letter >= 'A' && letter <= 'Z') ||
                                              (letter >= '0' && letter <= '9') || letter == '_';
                                   }) &&
                       !is_reserved(name);
    return plain ? std::string{name} : quoted_with('"', name);
}

std::string to_sql(const ColumnType& type) {
    switch (type.type) {
        case Type::bigint:
            return "BIGINT";
        case Type::integer:
            return "INT";
        case Type::smallint:
            return "SMALLINT";
        case Type::boolean:
            return "BOOLEAN";
        case Type::real32:
            return "FLOAT";
        case Type::real64:
            return "DOUBLE";
        case Type::decimal:
            return fmt::format("DECIMAL({},{})", type.precision, type.scale);
        case Type::varchar:
            return fmt::format("VARCHAR({})", type.length_max);
        case Type::text:
            return "TEXT";
        case Type::blob:
            return "BLOB";
        case Type::datetime:
            return "DATETIME";
        case Type::date:
            return "DATE";
        case Type::time:
            return "TIME";
        case Type::json:
            return "JSON";
        case Type::enumeration:
            break;
    }
    return fmt::format("ENUM ({})", name_list(type.members, [](std::string_view member) {
                           return quoted_with('\'', member);
                       }));
}

std::string to_sql(const Value& value) {
    struct Printer {
        std::string operator()(std::monostate) const { return "NULL"; }
        std::string operator()(bool truth) const { return truth ? "TRUE" : "FALSE"; }
        std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
        std::string operator()(double number) const { return fmt::format("{}", number); }
        std::string operator()(const Decimal& number) const { return to_string(number); }
        std::string operator()(const std::string& text) const { return quoted_with('\'', text); }
        std::string operator()(const Blob& blob) const {
            std::string digits;
            for (const char byte : blob.bytes) {
                digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
            }
            return "X'" + digits + "'";
        }
        std::string operator()(DateTime moment) const { return "'" + to_string(moment) + "'"; }
        std::string operator()(Date day) const { return "'" + to_string(day) + "'"; }
        std::string operator()(Time time) const { return "'" + to_string(time) + "'"; }
    };
    return std::visit(Printer{}, value.holder());
}

std::string to_sql(const Column& column) {
    std::string text = quoted(column.name) + " " + to_sql(column.type);
    if (column.not_null) text += " NOT NULL";
    if (column.auto_increment) text += " AUTO_INCREMENT";
    if (const auto* literal = std::get_if<Value>(&column.default_value)) {
        text += " DEFAULT " + to_sql(*literal);
    } else if (std::holds_alternative<Now>(column.default_value)) {
        text += " DEFAULT NOW()";
    }
    if (column.now_on_update) text += " ON UPDATE NOW()";
    return text;
}

std::string to_sql(const Table& table) {
    std::vector<std::string> lines;
    std::vector<std::string> key;
    for (const Column& column : table.columns) lines.push_back(to_sql(column));
    for (const std::uint32_t place : table.primary_key) key.push_back(table.columns[place].name);
    lines.push_back(fmt::format("PRIMARY KEY ({})", name_list(key, quoted)));
    add_constraints(table, quoted, lines);
    std::vector<std::string> options;
    if (table.keeps_before) options.emplace_back("before = TRUE");
    return fmt::format("CREATE TABLE {}{} {}{};\n", if_not_exists(table.if_not_exists),
                       quoted(table.name), in_parentheses(lines), options_clause(options));
}

std::vector<std::string> options_of(const Retention& retention) {
    std::vector<std::string> options;
    const auto add = [&](std::string_view option, std::string_view text) {
        options.push_back(fmt::format("{} = {}", option, quoted_with('\'', text)));
    };
    if (retention.age_max) add("retain", *retention.age_max);
    if (retention.count_max) {
        options.push_back(fmt::format("retain_count = {}", *retention.count_max));
    }
    if (!retention.by.empty()) add("retain_by", retention.by);
    if (!retention.expire_by.empty()) add("expire_by", retention.expire_by);
    return options;
}

std::string to_sql(const Collection& collection) {
    std::vector<std::string> lines;
    for (const Column& field : collection.fields) lines.push_back(to_sql(field));
    add_constraints(collection, quoted_path, lines);
    std::vector<std::string> options = options_of(collection.retention);
    if (collection.keeps_before) options.emplace_back("before = TRUE");
    return fmt::format("CREATE COLLECTION {}{} {}{};\n", if_not_exists(collection.if_not_exists),
                       quoted(collection.name), in_parentheses(lines), options_clause(options));
}

std::string to_sql(const Definition& definition) {
    std::string text;
    for (const Table& table : definition.tables) text += to_sql(table);
    for (const Collection& collection : definition.collections) text += to_sql(collection);
    return text;
}

}  // namespace amphora::catalog
