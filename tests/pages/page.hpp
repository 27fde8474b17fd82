#pragma once

#include "support/read_file.hpp"

#include <cstddef>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// The tables of the project's documents, for tests that compare them with the code.
namespace amphora::pages {

/// A row of a table: the text of each cell, without the backquotes.
using Row = std::vector<std::string>;

/// "| `a` | x `|` y |" as cells. A bar inside of backquotes belongs to its cell.
inline Row cells_of(std::string_view line) {
    Row row;
    std::string cell;
    bool is_code = false;
    for (const char letter : line.substr(1)) {
        if (letter == '`') {
            is_code = !is_code;
        } else if (letter == '|' && !is_code) {
            const std::size_t begin = cell.find_first_not_of(' ');
            const std::size_t end = cell.find_last_not_of(' ');
            row.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
            cell.clear();
        } else {
            cell += letter;
        }
    }
    return row;
}

/// The rows of all tables below a heading of a page, without their header lines. Throws if there
/// are none, so that a test cannot pass on a page that was changed.
inline std::vector<Row> rows_below(const std::string& page, const std::string& heading) {
    std::istringstream lines{support::read_file(AMPHORA_SOURCE_DIR "/" + page)};
    std::vector<Row> rows;
    bool is_below = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("#")) is_below = line.ends_with("# " + heading);
        if (!is_below || !line.starts_with("|")) continue;
        if (line.starts_with("|---")) {
            rows.pop_back();  // the line of titles above it
        } else {
            rows.push_back(cells_of(line));
        }
    }
    if (rows.empty()) throw std::runtime_error{page + ": no table is below " + heading};
    return rows;
}

/// The first block of code in a language on a page.
inline std::string first_block(const std::string& page, const std::string& language) {
    const std::string text = support::read_file(AMPHORA_SOURCE_DIR "/" + page);
    const std::string begin = "```" + language + "\n";
    const std::size_t at = text.find(begin);
    if (at == std::string::npos) throw std::runtime_error{page + ": no block of " + language};
    const std::size_t from = at + begin.size();
    return text.substr(from, text.find("```", from) - from);
}

}  // namespace amphora::pages
