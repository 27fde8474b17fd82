// The long form of the fault run; tools/faults builds and starts it.

#include "fault/fault_sweep.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>

int main(int count, char** words) {
    using namespace amphora::fault;
    SweepOptions options;
    for (int at = 1; at < count; at += 2) {
        const std::string name = words[at];
        const char* const text = at + 1 < count ? words[at + 1] : "";
        char* end = nullptr;
        const std::uint64_t value = std::strtoull(text, &end, 10);
        const bool is_number = end != text && *end == '\0';
        if (name == "--kind" && *text != '\0') {
            options.kind = text;
        } else if (is_number && name == "--seed") {
            options.seed = value;
        } else if (is_number && name == "--from") {
            options.from = value;
        } else if (is_number && name == "--point") {
            options.point = value;
        } else if (is_number && name == "--seconds") {
            options.until = std::chrono::steady_clock::now() + std::chrono::seconds{value};
        } else {
            fmt::print(stderr,
                       "tools/faults [--kind CALL[:OUTCOME]] [--seed S] [--from N] [--point N] "
                       "[--seconds N]; "
                       "not '{}'\n",
                       name);
            return 2;
        }
    }
    options.progress = [](const std::string& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    };
    fmt::print("seed {}\n", options.seed);
    try {
        FaultSweep sweep{options};
        const SweepReport report = sweep.run();
        if (report.unnamed > 0) fmt::print("{} refused with a wrong name\n", report.unnamed);
        fmt::print("{}\n", report.closing_line());
        return report.failures.empty() ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "tools/faults: {}\n", error.what());
        return 1;
    }
}
