#include "soak/steady_run.hpp"

#include "crash/judge.hpp"
#include "soak/usage.hpp"
#include "workload/schema.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

namespace amphora::soak {
namespace {

using std::chrono::steady_clock;

/// Longer than any machine needs between two pulses.
constexpr std::chrono::seconds silence_max{120};

}  // namespace

SteadyReport SteadyRun::run() {
    started_ = heard_ = steady_clock::now();
    promises_.started(options_.plan.writers);
    try {
        std::vector<std::string> arguments{database()};
        for (std::string& word : options_.plan.words()) arguments.push_back(std::move(word));
        crash::VictimProcess worker{
            arguments, options_.folder + "/worker.log", {}, AMPHORA_SOAK_WORKER};
        watch(worker);
        judge();
    } catch (const std::exception& error) {
        report_.failures.push_back(error.what());
    }
    report_.acknowledged = promises_.acknowledged();
    report_.lost = promises_.lost();
    report_.duplicated = promises_.duplicated();
    for (const std::string& complaint : promises_.complaints()) {
        report_.failures.push_back(complaint);
    }
    return std::move(report_);
}

void SteadyRun::watch(crash::VictimProcess& worker) {
    while (steady_clock::now() < options_.until && !worker.at_end()) {
        if (steady_clock::now() - heard_ > silence_max) {
            report_.failures.push_back(
                fmt::format("the worker has said nothing for {} s", silence_max.count()));
            break;
        }
        listen(worker, std::min(options_.until, steady_clock::now() + std::chrono::seconds{1}));
    }
    worker.kill();
    while (!worker.at_end()) listen(worker, steady_clock::now() + silence_max);
    const crash::Ending ending = worker.wait();
    if (!ending.killed) report_.failures.push_back("the worker " + ending.text);
}

void SteadyRun::listen(crash::VictimProcess& worker, steady_clock::time_point until) {
    while (const auto line = worker.line(until)) {
        if (const auto pulse = Pulse::from_line(*line)) {
            heard_ = steady_clock::now();
            sample(worker, *pulse);
        } else {
            promises_.heard(*line);
        }
        if (steady_clock::now() > until) return;
    }
}

void SteadyRun::sample(const crash::VictimProcess& worker, const Pulse& pulse) {
    const MemoryUse memory = memory_of(worker.id());
    if (memory.own_bytes == 0) return;  // already killed
    Sample sample{.seconds = std::chrono::duration<double>(heard_ - started_).count(),
                  .pulse = pulse,
                  .memory_bytes = memory.own_bytes,
                  .resident_bytes = memory.resident_bytes,
                  .file_bytes = bytes_on_disk(database())};
    report_.memory.add(sample.memory_bytes);
    report_.files.add(sample.file_bytes);
    if (options_.sampled) options_.sampled(sample);
}

void SteadyRun::judge() {
    Database database = Database::open(this->database(), workload::schema, options_.plan.options());
    std::vector<std::string> differences =
        crash::Judge{options_.plan.seed}.look(database, promises_);
    if (differences.size() > 20) differences.resize(20);
    for (std::string& difference : differences) report_.failures.push_back(std::move(difference));
}

}  // namespace amphora::soak
