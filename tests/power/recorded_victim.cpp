#include "power/recorded_victim.hpp"

#include "crash/promises.hpp"
#include "crash/victim_process.hpp"
#include "power/disk.hpp"
#include "power/record.hpp"
#include "support/read_file.hpp"

#include <chrono>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

namespace amphora::power {
namespace {

/// Longer than any machine needs for one run.
constexpr std::chrono::seconds hang{120};

void run(crash::VictimProcess& victim, std::uint64_t commits) {
    const auto until = std::chrono::steady_clock::now() + hang;
    std::uint64_t heard = 0;
    while (const auto line = victim.line(until)) {
        if (line->starts_with("x ")) throw std::runtime_error{"the victim: " + *line};
        if (line == "ready" && commits == 0) victim.ask_to_close();
        if (crash::Promises::is_commit(*line) && ++heard == commits) victim.ask_to_close();
    }
    if (!victim.at_end()) throw std::runtime_error{"the recorded victim hangs"};
    const crash::Ending ending = victim.wait();
    if (!ending.closed) throw std::runtime_error{"the recorded victim " + ending.text};
}

}  // namespace

std::optional<std::string> unfaithful(const Recording& recording, const Image& left) {
    for (const std::string& offence : recording.offences) {
        return "the recorder cannot follow: " + offence;
    }
    Disk disk{recording};
    disk.advance(recording.end);
    const std::set<std::string> mapped = disk.mapped();
    for (const std::string& path : mapped) {
        if (path.ends_with("/lock.mdb")) continue;
        if (path.ends_with("/LIVE")) continue;  // for observers; an opening takes it as it is
        return path + " is written through memory, which no sync can order";
    }
    const auto missed = difference(disk.seen(), left, mapped);
    return missed ? std::optional{"the recorder has missed something: " + *missed} : std::nullopt;
}

Recording RecordedVictim::record(const Image& before) const {
    const std::string log = folder + "/log";
    std::filesystem::remove(log);
    before.write(watched());
    {
        crash::VictimProcess victim{{watched() + "/" + database, std::to_string(workload_seed),
                                     std::to_string(plan_seed), std::to_string(cycle), what},
                                    folder + "/victim.log",
                                    {fmt::format("LD_PRELOAD={}", AMPHORA_POWER_PRELOAD),
                                     fmt::format("{}={}", watched_variable, watched()),
                                     fmt::format("{}={}", log_variable, log)}};
        run(victim, commits);
    }
    Recording recording = Recording::read(support::read_file(log), watched(), before);
    if (const auto why = unfaithful(recording, Image::read(watched()))) {
        throw std::runtime_error{*why};
    }
    return recording;
}

}  // namespace amphora::power
