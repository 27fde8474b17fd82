#include "cli/change_printer.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"

#include <fmt/format.h>

// The command that tells the story of a correlation.
namespace amphora::cli {

int trace(const Words& words) {
    const CommandLine line{words, {{"json", false}, {"rescue", false}}};
    if (line.plain().size() != 2) throw UsageError{"name a database and a correlation"};
    const bool json = line.has("json");
    const std::string& correlation = line.plain()[1];
    const Database database = open_to_look(line.plain()[0], line);
    ChangePrinter printer{database, json ? Printing::plain : Printing::readable, {}};
    Feed feed = database.feed();
    const auto oldest = feed.position();
    std::uint64_t found = 0;
    while (const Change* change = feed.next()) {
        if (change->correlation() != correlation) continue;
        ++found;
        if (!printer.print(*change)) return 0;
    }
    if (!printer.finish()) return 0;
    for (const DeadLetter& letter : database.dead_letters()) {
        const auto of_letter = letter.change.find("correlation");
        if (!of_letter || of_letter->as_text() != correlation) continue;
        ++found;
        if (json) {
            print(Document{{"dead_letter", letter.id},
                           {"consumer", letter.consumer},
                           {"state", to_string(letter.state)},
                           {"error", letter.error},
                           {"change", letter.change}});
        } else {
            print_line(fmt::format("dead letter {} of consumer {}, {}: {}", letter.id,
                                   letter.consumer, to_string(letter.state), letter.error));
        }
    }
    if (!json) {
        print_line(
            fmt::format("trace: {} changes and letters of {}; the journal holds the commits "
                        "after {}",
                        found, correlation, number(oldest->sequence())));
    }
    return found > 0 ? 0 : 1;
}

}  // namespace amphora::cli
