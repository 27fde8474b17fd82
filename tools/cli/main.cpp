// amphora: reads a database, fills it and empties it.

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>

namespace {

namespace cli = amphora::cli;

constexpr int exit_usage = 2;
constexpr int exit_error = 3;

void print(const std::string& text, std::FILE* to = stdout) {
    std::fputs(text.c_str(), to);
    if (!text.ends_with('\n')) std::fputs("\n", to);
}

int help(const std::vector<std::string>& words) {
    if (words.size() < 3) {
        print(cli::overview());
        return 0;
    }
    if (const cli::Command* command = cli::find_command(words[2])) {
        print(cli::help_of(*command));
        return 0;
    }
    print("amphora help: " + cli::no_such_command(words[2]), stderr);
    return exit_usage;
}

/// Whether the usage of a command is asked for: `--help` anywhere before `--`.
bool asks_for_help(const cli::Words& words) {
    const auto end = std::ranges::find(words, "--");
    return std::find(words.begin(), end, "--help") != end;
}

int run(const std::vector<std::string>& words) {
    if (words.size() < 2) {
        print(cli::overview(), stderr);
        return exit_usage;
    }
    if (words[1] == "help" || words[1] == "--help") return help(words);
    if (words[1] == "version" || words[1] == "--version") {
        print(cli::version_line());
        return 0;
    }
    const cli::Command* command = cli::find_command(words[1]);
    if (command == nullptr) {
        print("amphora: " + cli::no_such_command(words[1]) + "; amphora help explains them",
              stderr);
        return exit_usage;
    }
    const cli::Words rest{words.begin() + 2, words.end()};
    if (asks_for_help(rest)) {
        print(cli::help_of(*command));
        return 0;
    }
    try {
        return command->run(rest);
    } catch (const cli::UsageError& error) {
        print(fmt::format("amphora {}: {}\n{}", command->name, error.what(),
                          cli::usage_line(*command)),
              stderr);
        return exit_usage;
    }
}

/// An answer that was not written is no answer: the disk of the standard output may be full.
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
        std::fputs(fmt::format("amphora: {} ({})\n", error.what(), error.code_name()).c_str(),
                   stderr);
    } catch (const std::exception& error) {
        std::fputs(fmt::format("amphora: {}\n", error.what()).c_str(), stderr);
    }
    return exit_error;
}
