#include "cli/output.hpp"

#include "base/name_list.hpp"

#include <fmt/format.h>

#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <type_traits>

namespace amphora::cli {

namespace {

double shortest(double value) {
    const std::string text = fmt::format("{}", static_cast<float>(value));
    double shorter = value;
    std::from_chars(text.data(), text.data() + text.size(), shorter);
    // The text of the largest FLOAT is a little larger than it, and would be refused.
    return std::abs(shorter) > FLT_MAX ? value : shorter;
}

void append(Document& document, const std::string& name, const Value& value) {
    std::visit(
        [&]<class T>(const T& held) {
            if constexpr (std::is_same_v<T, std::monostate>) {
                document.append(name, nullptr);
            } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, double> ||
                                 std::is_same_v<T, std::int64_t> ||
                                 std::is_same_v<T, std::string>) {
                document.append(name, held);
            } else {
                document.append(name, to_string(value));
            }
        },
        value.holder());
}

}  // namespace

Record to_shown(Record row, const SpaceReport& table) {
    for (const ColumnReport& column : table.columns) {
        if (column.type != "FLOAT") continue;
        const Value& value = row[column.name];
        if (!value.is_null()) row.set(column.name, shortest(value.as<double>()));
    }
    return row;
}

Document to_document(const Record& row) {
    Document document;
    for (const auto& [name, value] : row) append(document, name, value);
    return document;
}

std::string shown(const Value& value) {
    return value.is_null() ? "NULL" : to_string(value);
}

void print_line(std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
}

void print(const Document& document) {
    print_line(to_json(document));
}

namespace {

/// A backup, and a database that no version with live reading has opened for writing, are only read
/// while nobody has them open.
Database open_live(const std::string& path) {
    Options options;
    options.mode = OpenMode::live;
    try {
        return Database::open(path, options);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::unsupported) throw;
    }
    return open_unused(path);
}

Database open_rescue(const std::string& path) {
    Options options;
    options.mode = OpenMode::rescue;
    return Database::open(path, options);
}

}  // namespace

Database open_unused(const std::string& path) {
    Options options;
    options.mode = OpenMode::read_only;
    return Database::open(path, options);
}

Database open_to_look(const std::string& path, const CommandLine& line) {
    Database database = line.has("rescue") ? open_rescue(path) : open_live(path);
    for (const std::string& what : database.statistics().recovery.left_out) {
        std::fputs(fmt::format("left out: {}\n", what).c_str(), stderr);
    }
    return database;
}

Database open_to_change(const std::string& path) {
    Options options;
    options.mode = OpenMode::must_exist;
    return Database::open(path, options);
}

SpaceReport require_space(const Database& database, const std::string& name) {
    NameList there;
    for (SpaceReport& space : database.describe(Spaces::all)) {
        if (detail::hash_name(space.name) == detail::hash_name(name)) return std::move(space);
        if (!space.is_system) there.add(space.name);
    }
    throw Error{ErrorCode::no_such_table, fmt::format("{} has no table or collection {}; it has {}",
                                                      database.path(), name, there.text())};
}

}  // namespace amphora::cli
