// The long form of the crash run; tools/crash builds and starts it.

#include "crash/kill_run.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

int main(int count, char** words) {
    using namespace amphora::crash;
    KillRunOptions options;
    for (int at = 1; at < count; at += 2) {
        const std::string name = words[at];
        char* end = nullptr;
        const std::uint64_t value = at + 1 < count ? std::strtoull(words[at + 1], &end, 10) : 0;
        const bool is_number = end != nullptr && end != words[at + 1] && *end == '\0';
        if (is_number && name == "--cycles") {
            options.cycles = value;
        } else if (is_number && name == "--seed") {
            options.seed = value;
        } else if (is_number && name == "--from") {
            options.first_cycle = value;
        } else {
            fmt::print(stderr, "tools/crash [--cycles N] [--seed S] [--from CYCLE]; not '{}'\n",
                       name);
            return 2;
        }
    }
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    options.progress = [&](std::uint64_t done) {
        if (terminal) fmt::print(stderr, "\r{} of {} cycles", done, options.cycles);
        if (terminal && done == options.cycles) fmt::print(stderr, "\n");
    };
    fmt::print("seed {}\n", options.seed);
    std::fflush(stdout);
    try {
        const KillReport report = KillRun{options}.run();
        fmt::print("{}", report.coverage("killed"));
        for (const std::string& failure : report.failures) fmt::print("{}\n", failure);
        fmt::print("{}\n", report.closing_line());
        return report.failures.empty() ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "tools/crash: {}\n", error.what());
        return 1;
    }
}
