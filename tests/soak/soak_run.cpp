#include "soak/soak_run.hpp"

#include "support/scratch_directory.hpp"

#include <fmt/format.h>

#include <exception>
#include <thread>

namespace amphora::soak {
namespace {

std::string in_words(std::chrono::seconds time) {
    if (time.count() % 60 != 0) return fmt::format("{} seconds", time.count());
    return fmt::format("{} minute{}", time.count() / 60, time.count() == 60 ? "" : "s");
}

}  // namespace

bool SoakReport::passed() const {
    return failures.empty() && steady.memory.is_flat(options.memory) &&
           steady.files.is_flat(options.files);
}

std::string SoakReport::closing_line() const {
    std::string line =
        fmt::format("soak: {}, {} acknowledged, {} lost, {} duplicated, {}, {}",
                    in_words(options.time), steady.acknowledged + kills.acknowledged,
                    steady.lost + kills.lost, steady.duplicated + kills.duplicated,
                    steady.memory.verdict(options.memory), steady.files.verdict(options.files));
    if (!failures.empty()) line += fmt::format(", {} failures", failures.size());
    return line;
}

SoakReport SoakRun::run() {
    support::ScratchDirectory folder{support::Scratch::disk, "soak"};
    const auto until = std::chrono::steady_clock::now() + options_.time;
    SoakReport report{.options = options_, .steady = {}, .kills = {}, .failures = {}};
    {
        const std::jthread killing{[&] {
            try {
                crash::KillRunOptions options;
                options.seed = options_.seed;
                options.cycles = UINT64_MAX;
                options.until = until;
                report.kills = crash::KillRun{options}.run();
            } catch (const std::exception& error) {
                report.kills.failures.push_back(error.what());
            }
        }};
        report.steady = SteadyRun{{.plan = {.seed = options_.seed, .pulse_ms = options_.pulse_ms},
                                   .folder = folder.path(),
                                   .until = until,
                                   .sampled = options_.sampled}}
                            .run();
    }
    for (const auto* failures : {&report.steady.failures, &report.kills.failures}) {
        report.failures.insert(report.failures.end(), failures->begin(), failures->end());
    }
    if (!report.steady.failures.empty()) {
        folder.keep();
        report.failures.push_back("kept in " + folder.path());
    }
    return report;
}

}  // namespace amphora::soak
