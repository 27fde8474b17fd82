// The long forms of the soak run and of the load cases; tools/soak builds and starts them.

#include "soak/load_case.hpp"
#include "soak/soak_run.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace {

using namespace amphora::soak;

/// A row of the report for each step of the time: what was done in it, how long the slowest took.
class Table {
  public:
    explicit Table(double step_seconds) : step_seconds_{step_seconds} {
        fmt::print("{:>6} {:>9} {:>24} {:>9} {:>24} {:>11} {:>11} {:>11} {:>11} {:>9} {:>7}\n", "s",
                   "writes/s", "p50/p99/p99.9 us", "reads/s", "p50/p99/p99.9 us", "memory", "files",
                   "pending", "journal", "checks", "backups");
    }
    void add(const Sample& sample) {
        writes_ += sample.pulse.writes.count;
        reads_ += sample.pulse.reads.count;
        keep_worst(write_times_, sample.pulse.writes);
        keep_worst(read_times_, sample.pulse.reads);
        if (sample.seconds - row_began_ < step_seconds_) return;
        const double seconds = sample.seconds - row_began_;
        fmt::print(
            "{:>6.0f} {:>9.0f} {:>24} {:>9.0f} {:>24} {:>11} {:>11} {:>11} {:>11} {:>9} {:>7}\n",
            sample.seconds, static_cast<double>(writes_) / seconds, text(write_times_),
            static_cast<double>(reads_) / seconds, text(read_times_), in_mib(sample.memory_bytes),
            in_mib(sample.file_bytes), in_mib(sample.pulse.pending_bytes),
            in_mib(sample.pulse.journal_bytes), sample.pulse.checks, sample.pulse.backups);
        std::fflush(stdout);
        writes_ = reads_ = 0;
        write_times_ = read_times_ = {};
        row_began_ = sample.seconds;
    }

  private:
    static void keep_worst(Pulse::Times& kept, const Pulse::Times& times) {
        kept.p50_us = std::max(kept.p50_us, times.p50_us);
        kept.p99_us = std::max(kept.p99_us, times.p99_us);
        kept.p999_us = std::max(kept.p999_us, times.p999_us);
    }
    static std::string text(const Pulse::Times& times) {
        return fmt::format("{}/{}/{}", times.p50_us, times.p99_us, times.p999_us);
    }

    double step_seconds_;
    double row_began_ = 0;
    std::uint64_t writes_ = 0, reads_ = 0;
    Pulse::Times write_times_, read_times_;
};

void print(const SoakReport& report) {
    const SteadyReport& steady = report.steady;
    for (const Series* series : {&steady.memory, &steady.files}) {
        fmt::print("{:<7} middle third {:>11}, last third {:>11}, highest {:>11}\n", series->name(),
                   in_mib(series->middle()), in_mib(series->last()), in_mib(series->highest()));
    }
    std::uint64_t kills = 0;
    for (const auto& [doing, times] : report.kills.stops) kills += times;
    fmt::print("{} kills, {} recoveries that replayed {} commits\n", kills, report.kills.recoveries,
               report.kills.commits_replayed);
    for (const std::string& failure : report.failures) fmt::print("{}\n", failure);
    fmt::print("{}\n", report.closing_line());
}

/// One of the load cases, or all; nothing if there is no such case.
std::optional<bool> run_cases(const std::string& wanted, std::uint64_t size) {
    std::optional<bool> passed;
    for (const LoadCase& load_case : load_cases()) {
        if (wanted != "all" && wanted != load_case.name) continue;
        const std::uint64_t its_size = size == 0 ? load_case.usual : size;
        fmt::print("{}, {} {}\n", load_case.name, its_size, load_case.unit);
        std::fflush(stdout);
        const CaseReport report = run(load_case, its_size);
        for (const std::string& line : report.lines) fmt::print("  {}\n", line);
        if (report.skipped) fmt::print("  skipped: {}\n", *report.skipped);
        for (const std::string& failure : report.failures) fmt::print("  FAILED: {}\n", failure);
        std::fflush(stdout);
        passed = passed.value_or(true) && report.failures.empty();
    }
    return passed;
}

int refuse(const std::string& what) {
    std::string names;
    for (const LoadCase& load_case : load_cases()) {
        names += fmt::format("  {:<20} {} {}\n", load_case.name, load_case.usual, load_case.unit);
    }
    fmt::print(stderr,
               "tools/soak [--minutes N | --seconds N] [--seed S]\n"
               "tools/soak --case NAME|all [--size N]; not '{}'\n{}",
               what, names);
    return 2;
}

}  // namespace

int main(int count, char** words) {
    SoakOptions options;
    std::string load_case;
    std::uint64_t size = 0;
    for (int at = 1; at < count; at += 2) {
        const std::string name = words[at];
        char* end = nullptr;
        const std::uint64_t value = at + 1 < count ? std::strtoull(words[at + 1], &end, 10) : 0;
        const bool is_number = end != nullptr && end != words[at + 1] && *end == '\0';
        if (is_number && value > 0 && name == "--minutes") {
            options.time = std::chrono::minutes{value};
        } else if (is_number && value > 0 && name == "--seconds") {
            options.time = std::chrono::seconds{value};
        } else if (is_number && name == "--seed") {
            options.seed = value;
        } else if (is_number && name == "--size") {
            size = value;
        } else if (name == "--case" && at + 1 < count) {
            load_case = words[at + 1];
        } else {
            return refuse(name);
        }
    }
    if (!load_case.empty()) {
        const auto passed = run_cases(load_case, size);
        if (!passed) return refuse(load_case);
        return *passed ? 0 : 1;
    }
    fmt::print("seed {}\n", options.seed);
    Table table{std::max(5.0, static_cast<double>(options.time.count()) / 40)};
    options.sampled = [&](const Sample& sample) { table.add(sample); };
    try {
        const SoakReport report = SoakRun{options}.run();
        print(report);
        return report.passed() ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "tools/soak: {}\n", error.what());
        return 1;
    }
}
