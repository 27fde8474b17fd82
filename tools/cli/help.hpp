#pragma once

#include "cli/commands.hpp"

#include <string>
#include <string_view>

/// The help texts of the command line.
namespace amphora::cli {

/// "amphora 0.1.0"
[[nodiscard]] std::string version_line();

/// How a command is called: "usage: amphora get DATABASE NAME KEY ...".
[[nodiscard]] std::string usage_line(const Command& command);

/// Every command in short: what `amphora help` prints.
[[nodiscard]] std::string overview();

/// One command with its options: what `amphora help COMMAND` prints.
[[nodiscard]] std::string help_of(const Command& command);

[[nodiscard]] const Command* find_command(std::string_view name);

/// "there is no command 'x'", with the existing commands.
[[nodiscard]] std::string no_such_command(std::string_view name);

}  // namespace amphora::cli
