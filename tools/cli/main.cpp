// amphora: looks into a database, fills it and empties it.

#include "cli/command_line.hpp"
#include "cli/commands.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <exception>

namespace {

using amphora::cli::Command;
using amphora::cli::commands;

constexpr int exit_usage = 2;
constexpr int exit_error = 3;

void print_help(std::FILE* to) {
    std::fputs("usage: amphora COMMAND DATABASE ... [--json]\n\n", to);
    for (const Command& command : commands()) {
        std::fputs(fmt::format("  {:<8} {}\n           {}\n", command.name, command.arguments,
                               command.purpose)
                       .c_str(),
                   to);
    }
    std::fputs(
        "\n--rescue looks into a database that does not open otherwise, changes nothing in it, "
        "and\n"
        "says on the standard error what it had to leave out.\n",
        to);
    std::fputs("\nExit codes: 0 done, 1 the answer is no, 2 the call is wrong, 3 an error.\n", to);
}

int run(const std::vector<std::string>& words) {
    if (words.size() < 2) {
        print_help(stderr);
        return exit_usage;
    }
    if (words[1] == "help" || words[1] == "--help") {
        print_help(stdout);
        return 0;
    }
    for (const Command& command : commands()) {
        if (command.name != words[1]) continue;
        try {
            return command.run({words.begin() + 2, words.end()});
        } catch (const amphora::cli::UsageError& error) {
            std::fputs(fmt::format("amphora {}: {}\nusage: amphora {} {}\n", command.name,
                                   error.what(), command.name, command.arguments)
                           .c_str(),
                       stderr);
            return exit_usage;
        }
    }
    std::fputs(fmt::format("amphora: there is no command '{}'\n\n", words[1]).c_str(), stderr);
    print_help(stderr);
    return exit_usage;
}

/// An answer that did not get out is no answer: the disk behind the standard output may be full.
int told(int code) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    std::fputs("amphora: the standard output could not be written\n", stderr);
    return exit_error;
}

}  // namespace

int main(int count, char** words) {
    try {
        return told(run({words, words + count}));
    } catch (const amphora::Error& error) {
        std::fputs(fmt::format("amphora: {} ({})\n", error.what(), to_string(error.code())).c_str(),
                   stderr);
    } catch (const std::exception& error) {
        std::fputs(fmt::format("amphora: {}\n", error.what()).c_str(), stderr);
    }
    return exit_error;
}
