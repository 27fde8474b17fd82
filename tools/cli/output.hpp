#pragma once

#include "cli/command_line.hpp"

#include <amphora/amphora.hpp>

#include <string>
#include <string_view>

namespace amphora::cli {

/// A row as people are shown it: a FLOAT becomes the double next to its shortest text, so that 4.3
/// is not shown as 4.300000190734863, and reads back as the same FLOAT.
[[nodiscard]] Record to_shown(Record row, const SpaceReport& table);

/// A row as JSON: numbers and booleans as such, everything else as its text.
[[nodiscard]] Document to_document(const Record& row);

/// What a value looks like in a table of text; NULL is shown as "NULL".
[[nodiscard]] std::string shown(const Value& value);

/// A line on the standard output.
void print_line(std::string_view line);
void print(const Document& document);

/// Opens for looking: nothing in the directory is changed. With --rescue what is left of a database
/// that does not open otherwise; the standard error says what that leaves out, so that an answer is
/// never taken for a whole one.
[[nodiscard]] Database open_to_look(const std::string& path, const CommandLine& line);
[[nodiscard]] Database open_to_change(const std::string& path);

/// Throws `no_such_table` naming what there is.
[[nodiscard]] SpaceReport require_space(const Database& database, const std::string& name);

}  // namespace amphora::cli
