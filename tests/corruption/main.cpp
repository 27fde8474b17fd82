// The long form of the corruption run; tools/corruption builds and starts it.

#include "corruption/corruption_run.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

int main(int count, char** words) {
    using namespace amphora::corruption;
    CorruptionOptions options;
    for (int at = 1; at < count; at += 2) {
        const std::string name = words[at];
        if (name == "--repair") {
            options.aftermath = Aftermath::repair;
            --at;
            continue;
        }
        if (name == "--kind" && at + 1 < count && target_named(words[at + 1])) {
            options.target = *target_named(words[at + 1]);
            continue;
        }
        char* end = nullptr;
        const std::uint64_t value = at + 1 < count ? std::strtoull(words[at + 1], &end, 10) : 0;
        const bool is_number = end != nullptr && end != words[at + 1] && *end == '\0';
        if (is_number && name == "--cases") {
            options.cases = value;
        } else if (is_number && name == "--seed") {
            options.seed = value;
        } else if (is_number && name == "--from") {
            options.first_case = value;
        } else {
            fmt::print(stderr,
                       "tools/corruption [--cases N] [--seed S] [--from CASE] "
                       "[--kind any|table|journal|catalog|rows] [--repair]; not '{}'\n",
                       name);
            return 2;
        }
    }
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    options.progress = [&](std::uint64_t done) {
        if (terminal) fmt::print(stderr, "\r{} of {} cases", done, options.cases);
        if (terminal && done == options.cases) fmt::print(stderr, "\n");
    };
    fmt::print("seed {}\n", options.seed);
    std::fflush(stdout);
    try {
        const CorruptionReport report = CorruptionRun{options}.run();
        fmt::print("{}", report.text());
        return report.violations.empty() ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "tools/corruption: {}\n", error.what());
        return 1;
    }
}
