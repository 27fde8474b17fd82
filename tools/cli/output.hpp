#pragma once

#include "cli/command_line.hpp"

#include <amphora/amphora.hpp>

#include <string>
#include <string_view>

namespace amphora::cli {

/// A row for people. A FLOAT becomes the double next to its shortest text: 4.3 is not shown as
/// 4.300000190734863, and reads back as the same FLOAT.
[[nodiscard]] Record to_shown(Record row, const SpaceReport& table);

/// A row as JSON: numbers and booleans as such, everything else as its text.
[[nodiscard]] Document to_document(const Record& row);

/// A value in a table of text; NULL is shown as "NULL".
[[nodiscard]] std::string shown(const Value& value);

/// A line on the standard output.
void print_line(std::string_view line);
void print(const Document& document);

/// Opens a database for reading, also while another process has it open; changes nothing in the
/// directory. With --rescue it opens a database that does not open otherwise. The standard error then
/// lists what is left out, so an answer is never mistaken for a complete one.
[[nodiscard]] Database open_to_look(const std::string& path, const CommandLine& line);
/// The same for what needs all files to stay as they are: throws `in_use`.
[[nodiscard]] Database open_unused(const std::string& path);
[[nodiscard]] Database open_to_change(const std::string& path);

/// Throws `no_such_table`, with the existing names.
[[nodiscard]] SpaceReport require_space(const Database& database, const std::string& name);

}  // namespace amphora::cli
