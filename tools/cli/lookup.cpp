#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "console/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

// Commands that look things up: get and find.
namespace amphora::cli {

namespace {

using console::TextTable;

constexpr std::uint64_t limit_default = 100;

/// "price>=10" as a condition; text becomes a value of the column's type.
Conditions parse_condition(const std::string& word) {
    struct Spelling {
        std::string_view text;
        Comparison comparison;
    };
    // Longer ones first.
    static constexpr std::array spellings{
        Spelling{"!=", Comparison::not_equal},     Spelling{"<=", Comparison::less_equal},
        Spelling{">=", Comparison::greater_equal}, Spelling{"=", Comparison::equal},
        Spelling{"<", Comparison::less},           Spelling{">", Comparison::greater}};
    const std::size_t at = word.find_first_of("!<>=");
    if (at != std::string::npos && at != 0) {
        for (const Spelling& spelling : spellings) {
            if (word.compare(at, spelling.text.size(), spelling.text) != 0) continue;
            const std::string value = word.substr(at + spelling.text.size());
            const std::string column = word.substr(0, at);
            if (value == "NULL" && spelling.comparison == Comparison::equal) {
                return where(column).is_null();
            }
            if (value == "NULL" && spelling.comparison == Comparison::not_equal) {
                return where(column).is_not_null();
            }
            return Conditions{{column, spelling.comparison, {Value{value}}}};
        }
    }
    throw UsageError{fmt::format("'{}' is no condition; write for example price>=10", word)};
}

TextTable table_of(const SpaceReport& space) {
    std::vector<TextTable::Column> columns;
    for (const ColumnReport& column : space.columns) {
        const bool is_number = column.type.find("INT") != std::string::npos ||
                               column.type.starts_with("DECIMAL") || column.type == "FLOAT" ||
                               column.type == "DOUBLE";
        columns.push_back(
            {column.name, is_number ? TextTable::Align::right : TextTable::Align::left});
    }
    return TextTable{std::move(columns)};
}

void add(TextTable& table, const Record& row) {
    std::vector<std::string> cells;
    cells.reserve(row.size());
    for (const auto& [name, value] : row) cells.push_back(shown(value));
    table.add(std::move(cells));
}

std::uint64_t find_rows(const Snapshot& now, const SpaceReport& space, const CommandLine& line,
                        const ScanOptions& options) {
    Conditions conditions;
    for (std::size_t at = 2; at < line.plain().size(); ++at) {
        conditions = std::move(conditions) && parse_condition(line.plain()[at]);
    }
    Rows rows = now.scan(Table{space.name}, conditions, options);
    if (line.has("explain")) {
        print_line(rows.explain());
        return 1;
    }
    TextTable table = table_of(space);
    std::uint64_t found = 0;
    for (const RowView& row : rows) {
        ++found;
        const Record shown = to_shown(row.record(), space);
        if (line.has("json")) {
            print(to_document(shown));
        } else {
            add(table, shown);
        }
    }
    if (!line.has("json") && found != 0) std::fputs(table.text().c_str(), stdout);
    return found;
}

std::uint64_t find_documents(const Snapshot& now, const SpaceReport& space, const CommandLine& line,
                             const FindOptions& options) {
    if (line.plain().size() > 3) throw UsageError{"a collection takes one filter, in JSON"};
    const std::string filter = line.plain().size() == 3 ? line.plain()[2] : "{}";
    Documents documents = now.find(Collection{space.name}, filter, options);
    if (line.has("explain")) {
        print_line(documents.explain());
        return 1;
    }
    std::uint64_t found = 0;
    for (const DocumentView document : documents) {
        ++found;
        print_line(to_json(document));
    }
    return found;
}

/// An _id as people write it: JSON, the hexadecimal digits of an object id, or a text.
std::vector<BsonValue> ids_of(const std::string& word) {
    std::vector<BsonValue> ids;
    try {
        ids.push_back(BsonValue::from_json(word));
    } catch (const Error&) {
        // Not JSON.
    }
    if (const auto id = ObjectId::parse(word)) ids.emplace_back(*id);
    ids.emplace_back(word);
    return ids;
}

}  // namespace

int get(const Words& words) {
    const CommandLine line{words, {{"rescue", false}, {"json", false}}};
    if (line.plain().size() < 3) {
        throw UsageError{"name a database, a table or collection, and a key"};
    }
    const Database database = open_to_look(line.plain()[0], line);
    const SpaceReport space = require_space(database, line.plain()[1]);
    const Snapshot now = database.snapshot();

    if (space.is_collection) {
        if (line.plain().size() != 3) throw UsageError{"a document has one _id"};
        for (const BsonValue& id : ids_of(line.plain()[2])) {
            const auto document = now.find(Collection{space.name}, Id{id});
            if (!document) continue;
            print_line(to_json(*document, JsonFormat::relaxed,
                               line.has("json") ? JsonLayout::line : JsonLayout::indented));
            return 0;
        }
    } else {
        const std::vector<Value> key(line.plain().begin() + 2, line.plain().end());
        auto row = now.find(Table{space.name}, key);
        if (row) row = to_shown(std::move(*row), space);
        if (row && line.has("json")) print(to_document(*row));
        if (row && !line.has("json")) {
            TextTable table{{{"column"}, {"value"}}};
            for (const auto& [name, value] : *row) table.add({name, shown(value)});
            std::fputs(table.text().c_str(), stdout);
        }
        if (row) return 0;
    }
    std::fputs(fmt::format("{} has no such key\n", space.name).c_str(), stderr);
    return 1;
}

int find(const Words& words) {
    const CommandLine line{words,
                           {{"limit", true},
                            {"index", true},
                            {"backward", false},
                            {"explain", false},
                            {"rescue", false},
                            {"json", false}}};
    if (line.plain().size() < 2) throw UsageError{"name a database and a table or collection"};
    const Database database = open_to_look(line.plain()[0], line);
    const SpaceReport space = require_space(database, line.plain()[1]);
    const Snapshot now = database.snapshot();

    const std::uint64_t limit = line.number("limit", limit_default);
    const Direction direction = line.has("backward") ? Direction::backward : Direction::forward;
    const std::size_t at_most = limit == 0 ? SIZE_MAX : limit;
    std::uint64_t found = 0;
    if (space.is_collection) {
        if (line.has("index")) throw UsageError{"a collection's index is chosen by the filter"};
        found =
            find_documents(now, space, line, {.direction = direction, .skip = 0, .limit = at_most});
    } else {
        found = find_rows(now, space, line, {line.find("index").value_or(""), direction, at_most});
    }
    if (found == limit && !line.has("limit")) {
        std::fprintf(stderr, "the first %llu; --limit N for more, --limit 0 for all\n",
                     static_cast<unsigned long long>(limit));
    }
    return found == 0 ? 1 : 0;
}

}  // namespace amphora::cli
