#include "cli/help.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace amphora::cli {

namespace {

struct OptionHelp {
    std::string_view option;
    std::string_view command;  ///< empty: for every command that has no line of its own
    std::string_view meaning;
};

constexpr std::array options_all{
    OptionHelp{"--json", "", "prints JSON, for programs"},
    OptionHelp{"--rescue", "",
               "opens what is left of a damaged database, changes nothing in it, and says on the "
               "standard error what it leaves out"},
    OptionHelp{"--schema", "init",
               "a file of CREATE statements; named again, further files follow the first"},
    OptionHelp{"--batch", "load", "so many lines become one transaction"},
    OptionHelp{"--waiting", "load",
               "so many MiB of rows may wait for rows that follow in the file; 256 by default"},
    OptionHelp{
        "--decimals", "load",
        "makes decimals of JSON's whole numbers beyond 64 bits, which are refused otherwise"},
    OptionHelp{"--json", "load", "prints the report as JSON, for programs"},
    OptionHelp{"--schema", "dump", "prints the CREATE statements only"},
    OptionHelp{"--output", "dump",
               "writes everything into this directory: schema.sql and a file for each table and "
               "collection"},
    OptionHelp{"--limit", "find", "stops after so many"},
    OptionHelp{"--index", "find", "a table is read in the order of this index"},
    OptionHelp{"--backward", "find", "reads from the end"},
    OptionHelp{"--explain", "find", "says which index would be read, and reads nothing"},
    OptionHelp{"--system", "tables",
               "also lists the tables and collections in which the engine keeps its own data"},
    OptionHelp{
        "--from", "watch",
        "begins after this position; or with oldest (the oldest change, by default), end, or "
        "snapshot (every row and document, then the changes after them)"},
    OptionHelp{"--archive", "watch",
               "reads the changes in this archive; the database is not needed"},
    OptionHelp{"--timeline", "watch",
               "where the changes end, if the archive has several timelines; the archive command "
               "lists them"},
    OptionHelp{"--kind", "watch",
               "only insert, update, erase, read, schema or event; may be named again"},
    OptionHelp{"--origin", "watch",
               "only changes of transactions with this origin; may be named again"},
    OptionHelp{"--mask", "watch",
               "shows *** instead of the values of this column or field; may be named again"},
    OptionHelp{"--as", "watch",
               "continues where the reader of this name was, and acknowledges what it has printed; "
               "the journal keeps what it has not"},
    OptionHelp{"--follow", "watch", "continues with what is committed later"},
    OptionHelp{"--consumer", "dead-letters", "only those of this consumer"},
    OptionHelp{"--json", "watch", "prints an object with everything that a change has"},
    OptionHelp{"--debezium", "watch", "prints the messages that Debezium makes of a change"},
    OptionHelp{"--cloudevents", "watch", "prints an event of CloudEvents 1.0"},
    OptionHelp{"--deep", "check", "also compares rows and documents with the journal"},
    OptionHelp{"--apply", "repair", "puts the repaired database in the place of the damaged one"},
    OptionHelp{"--schema", "repair",
               "a file of CREATE statements: brings back definitions that the catalog has lost"},
    OptionHelp{"--check", "backup", "checks the copy as `amphora check` does"},
    OptionHelp{"--archive", "restore", "continues with the journal that this archive has"},
    OptionHelp{"--to-sequence", "restore", "restores up to this commit"},
    OptionHelp{"--to-time", "restore", "restores up to this time, such as 2026-01-31T12:00:00Z"},
    OptionHelp{"--keep", "archive", "the database archives its journal here from now on"},
    OptionHelp{"--stop", "archive", "the database no longer archives its journal"},
};

/// "--limit" for every option in "DATABASE [--limit N]", each once.
std::vector<std::string_view> options_in(std::string_view arguments) {
    std::vector<std::string_view> options;
    for (std::size_t at = arguments.find("--"); at != std::string_view::npos;
         at = arguments.find("--", at)) {
        const std::size_t end = std::min(arguments.find_first_of(" ],", at), arguments.size());
        const std::string_view option = arguments.substr(at, end - at);
        if (std::ranges::find(options, option) == options.end()) options.push_back(option);
        at = end;
    }
    return options;
}

std::string_view meaning_of(std::string_view command, std::string_view option) {
    std::string_view general;
    for (const OptionHelp& help : options_all) {
        if (help.option != option) continue;
        if (help.command == command) return help.meaning;
        if (help.command.empty()) general = help.meaning;
    }
    return general;
}

}  // namespace

std::string version_line() {
    return "amphora " AMPHORA_VERSION;
}

std::string usage_line(const Command& command) {
    return fmt::format("usage: amphora {} {}", command.name, command.arguments);
}

std::string overview() {
    std::string text = "usage: amphora COMMAND DATABASE ...\n\n";
    for (const Command& command : commands()) {
        text += fmt::format("  {:<12} {}\n               {}\n", command.name, command.arguments,
                            command.purpose);
    }
    text +=
        "\namphora help COMMAND explains the options of one command; amphora --version says the "
        "version.\n"
        "--rescue opens what is left of a damaged database and changes nothing in it.\n"
        "\nExit codes: 0 done, 1 the answer is no, 2 the call is wrong, 3 an error.\n";
    return text;
}

std::string help_of(const Command& command) {
    std::string text = fmt::format("{}\n\n{}\n", usage_line(command), command.purpose);
    const std::vector<std::string_view> options = options_in(command.arguments);
    if (!options.empty()) text += "\n";
    for (const std::string_view option : options) {
        const std::string_view meaning = meaning_of(command.name, option);
        AMPHORA_ASSERT(!meaning.empty());
        text += fmt::format("  {:<14} {}\n", option, meaning);
    }
    return text;
}

const Command* find_command(std::string_view name) {
    const auto found = std::ranges::find(commands(), name, &Command::name);
    return found == commands().end() ? nullptr : &*found;
}

std::string no_such_command(std::string_view name) {
    std::string names;
    for (const Command& command : commands()) {
        names += fmt::format("{}{}", names.empty() ? "" : ", ", command.name);
    }
    return fmt::format("there is no command '{}'; there are {}", name, names);
}

}  // namespace amphora::cli
