// The long form of the power run; tools/power builds and starts it.

#include "crash/kill_run.hpp"
#include "power/power_run.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace {

using namespace amphora;

struct Wanted {
    std::uint64_t seed = 1;
    std::uint64_t from = 0;
    std::optional<std::uint64_t> images;
    std::optional<std::uint64_t> cuts;
};

std::optional<Wanted> parse(int count, char** words) {
    Wanted wanted;
    for (int at = 1; at < count; at += 2) {
        const std::string name = words[at];
        char* end = nullptr;
        const std::uint64_t value = at + 1 < count ? std::strtoull(words[at + 1], &end, 10) : 0;
        const bool is_number = end != nullptr && end != words[at + 1] && *end == '\0';
        if (is_number && name == "--images") {
            wanted.images = value;
        } else if (is_number && name == "--cuts") {
            wanted.cuts = value;
        } else if (is_number && name == "--seed") {
            wanted.seed = value;
        } else if (is_number && name == "--from") {
            wanted.from = value;
        } else {
            fmt::print(stderr,
                       "tools/power [--images N | --cuts N] [--seed S] [--from NUMBER]; not '{}'\n",
                       name);
            return std::nullopt;
        }
    }
    if (!wanted.cuts && !wanted.images) wanted.images = 1'000;
    if (wanted.cuts && wanted.images) {
        fmt::print(stderr, "tools/power: --images and --cuts are two runs\n");
        return std::nullopt;
    }
    return wanted;
}

/// Shows the progress of a run. A database that hangs ends the run; its directory is kept.
std::function<void(std::uint64_t)> watch(const char* what, std::uint64_t all) {
    constexpr unsigned hang_s = 300;
    ::alarm(hang_s);
    return [what, all, terminal = ::isatty(STDERR_FILENO) != 0](std::uint64_t done) {
        ::alarm(hang_s);
        if (terminal) fmt::print(stderr, "\r{} of {} {}", done, all, what);
        if (terminal && done == all) fmt::print(stderr, "\n");
        if (!terminal && done % 1'000 == 0) fmt::print(stderr, "{} of {} {}\n", done, all, what);
    };
}

int run_images(const Wanted& wanted) {
    power::PowerOptions options;
    options.seed = wanted.seed;
    options.first_image = wanted.from;
    options.images = *wanted.images;
    options.progress = watch("images", options.images);
    const power::PowerReport report = power::PowerRun{options}.run();
    fmt::print("{}\n", report.coverage_table());
    fmt::print(
        "{} recordings, {} transactions promised, {} commits replayed, {} backups restored, {} "
        "archives looked through\n",
        report.recordings, report.promised, report.replayed, report.copies, report.archives);
    for (const auto& [kind, times] : report.restores) {
        fmt::print("restores judged, {:<39} {:>6}\n", kind, times);
    }
    for (const std::string& failure : report.failures) fmt::print("{}\n", failure);
    fmt::print("{}\n", report.closing_line());
    return report.failures.empty() ? 0 : 1;
}

int run_cuts(const Wanted& wanted) {
    crash::KillRunOptions options;
    options.stop = crash::Stop::power_cut;
    options.seed = wanted.seed;
    options.first_cycle = wanted.from;
    options.cycles = *wanted.cuts;
    options.progress = watch("cycles", options.cycles);
    crash::KillRun run{options};
    if (const auto why_not = run.why_not()) {
        fmt::print(stderr, "tools/power --cuts: {}\n", *why_not);
        return 1;
    }
    const crash::KillReport report = run.run();
    fmt::print("{}", report.coverage("power cut"));
    std::uint64_t cuts = 0;
    for (const auto& [doing, times] : report.stops) cuts += times;
    for (const std::string& failure : report.failures) fmt::print("{}\n", failure);
    fmt::print("power: {} cuts, {} acknowledged, {} lost, {} duplicated, {} torn\n", cuts,
               report.acknowledged, report.lost, report.duplicated, report.torn);
    return report.failures.empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
    const std::optional<Wanted> wanted = parse(count, words);
    if (!wanted) return 2;
    fmt::print("seed {}\n", wanted->seed);
    std::fflush(stdout);
    try {
        return wanted->cuts ? run_cuts(*wanted) : run_images(*wanted);
    } catch (const std::exception& error) {
        fmt::print(stderr, "tools/power: {}\n", error.what());
        return 1;
    }
}
