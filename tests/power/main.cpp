// The long form of the power run; tools/power builds and starts it.

#include "power/power_run.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

int main(int count, char** words) {
    using namespace amphora::power;
    PowerOptions options;
    for (int at = 1; at < count; at += 2) {
        const std::string name = words[at];
        char* end = nullptr;
        const std::uint64_t value = at + 1 < count ? std::strtoull(words[at + 1], &end, 10) : 0;
        const bool is_number = end != nullptr && end != words[at + 1] && *end == '\0';
        if (is_number && name == "--images") {
            options.images = value;
        } else if (is_number && name == "--seed") {
            options.seed = value;
        } else if (is_number && name == "--from") {
            options.first_image = value;
        } else {
            fmt::print(stderr, "tools/power [--images N] [--seed S] [--from IMAGE]; not '{}'\n",
                       name);
            return 2;
        }
    }
    // An image on which the database hangs ends the run; it lies there to be looked at.
    constexpr unsigned hang_s = 180;
    ::alarm(hang_s);
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    options.progress = [&](std::uint64_t done) {
        ::alarm(hang_s);
        if (terminal) fmt::print(stderr, "\r{} of {} images", done, options.images);
        if (terminal && done == options.images) fmt::print(stderr, "\n");
    };
    fmt::print("seed {}\n", options.seed);
    std::fflush(stdout);
    try {
        const PowerReport report = PowerRun{options}.run();
        fmt::print("{}\n", report.coverage_table());
        fmt::print("{} recordings, {} transactions promised, {} commits replayed\n",
                   report.recordings, report.promised, report.replayed);
        for (const std::string& failure : report.failures) fmt::print("{}\n", failure);
        fmt::print("{}\n", report.closing_line());
        return report.failures.empty() ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "tools/power: {}\n", error.what());
        return 1;
    }
}
