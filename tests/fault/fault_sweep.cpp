#include "fault/fault_sweep.hpp"

#include "fault/agreement.hpp"
#include "workload/comparison.hpp"
#include "workload/dice.hpp"
#include "workload/mirror.hpp"
#include "workload/reading.hpp"
#include "workload/schema.hpp"
#include "workload/workload.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <set>
#include <sstream>
#include <thread>

namespace amphora::fault {
namespace {

namespace fs = std::filesystem;

/// The number of calls differs from run to run because of threads; this many points in a row beyond
/// the end are the end.
constexpr std::uint64_t misses_max = 3;
constexpr std::uint64_t for_good = 1'000'000'000;

/// The errors that may be returned when the system refuses. Any other would mislead the user.
bool fits(const std::string& name, const std::string& call) {
    static constexpr std::array names{"io_error",     "disk_full",   "outcome_unknown",
                                      "needs_reopen", "outbox_full", "documents_stalled"};
    if (name == "out_of_memory") return call == "allocation" || call == "map";
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string to_string(const std::string& kind, const KindReport& report) {
    std::string names;
    for (const auto& [name, count] : report.names) names += fmt::format(", {} {}", count, name);
    if (report.killed > 0) names += fmt::format(", {} killed", report.killed);
    if (report.narrow > 0) names += fmt::format(", {} not widened", report.narrow);
    if (report.ended > 0) names += fmt::format(", {} ended inside RocksDB", report.ended);
    return fmt::format("{:<28} {:>6} points, {:>6} unseen, {:>6} refused{}", kind, report.points,
                       report.unseen, report.refused, names);
}

std::string code_in(const std::string& line) {
    std::istringstream words{line};
    std::string word;
    words >> word >> word;
    return word;
}

}  // namespace

std::string SweepReport::closing_line() const {
    return fmt::format("faults: {} points, {} lost, {} hung, {} crashed", points, lost, hung,
                       crashed);
}

std::string FaultSweep::Kind::name() const {
    static constexpr std::array stages{":making", ":recovering", ":copying", ":widening"};
    return fmt::format("{}:{}{}{}", call, outcome, times > 1 ? ":full" : "",
                       stages[static_cast<std::size_t>(stage)]);
}

bool FaultSweep::Kind::is_called(const std::string& wanted) const {
    if (wanted.starts_with(":")) return name().ends_with(wanted);
    return wanted.empty() || (name() + ":").starts_with(wanted + ":");
}

std::vector<FaultSweep::Kind> FaultSweep::all_kinds() {
    const std::vector<Kind> once{
        {"write", "EIO"},     {"write", "ENOSPC"}, {"write", "EINTR"},      {"write", "short"},
        {"sync", "EIO"},      {"sync", "ENOSPC"},  {"sync", "EINTR"},       {"open", "EIO"},
        {"open", "ENOSPC"},   {"open", "EMFILE"},  {"open", "EINTR"},       {"rename", "EIO"},
        {"rename", "ENOSPC"}, {"name", "EIO"},     {"name", "ENOSPC"},      {"size", "EIO"},
        {"size", "ENOSPC"},   {"size", "EINTR"},   {"read", "EIO"},         {"read", "EINTR"},
        {"read", "short"},    {"map", "ENOMEM"},   {"allocation", "ENOMEM"}};
    std::vector<Kind> kinds;
    for (Kind kind : once) {
        for (const Stage stage :
             {Stage::making, Stage::recovering, Stage::copying, Stage::widening}) {
            kind.stage = stage;
            kinds.push_back(kind);
        }
    }
    for (const char* const call : {"write", "sync", "open", "size"}) {
        for (const Stage stage : {Stage::making, Stage::recovering, Stage::copying}) {
            kinds.push_back({call, "ENOSPC", for_good, stage});
        }
    }
    for (const char* const call : {"write", "sync", "open", "rename", "name", "size"}) {
        kinds.push_back({call, "kill", 1, Stage::widening});
    }
    return kinds;
}

SweepReport FaultSweep::run() {
    make_templates();
    std::vector<Kind> kinds = all_kinds();
    std::erase_if(kinds, [&](const Kind& kind) { return !kind.is_called(options_.kind); });
    if (kinds.empty()) throw std::invalid_argument{"there is no kind " + options_.kind};
    if (options_.until) {
        try_some(kinds);
    } else {
        for (const Kind& kind : kinds) sweep(kind);
    }
    return report_;
}

/// A database whose work was interrupted, and one to be widened.
void FaultSweep::make_templates() {
    FaultedRun run{folder_.path(),
                   {.directory = folder_ / "template",
                    .seed = options_.seed,
                    .transactions = options_.transactions / 2,
                    .task = "leave"}};
    const Ended ended = run.run({.call = "write", .outcome = "EIO"});
    if (!ended.done) throw std::runtime_error{"the database to recover: " + ended.how};
    widening_.emplace(folder_ / "narrow", folder_ / "widened");
}

void FaultSweep::side_by_side(const std::function<void(const std::string& folder)>& work) const {
    std::vector<std::jthread> workers;
    for (std::uint32_t worker = 0; worker < options_.parallel; ++worker) {
        workers.emplace_back([&work, folder = folder_ / std::to_string(worker)] { work(folder); });
    }
}

void FaultSweep::sweep(const Kind& kind) {
    if (options_.point) {
        try_point(kind, *options_.point, folder_ / "0");
    } else {
        const std::uint64_t calls = try_point(kind, 0, folder_ / "0").calls;
        std::atomic<std::uint64_t> next{options_.from};
        std::atomic<std::uint64_t> misses{0};
        side_by_side([&](const std::string& folder) {
            for (;;) {
                const std::uint64_t first = next.fetch_add(1);
                if (first > calls && misses >= misses_max) return;
                misses = try_point(kind, first, folder).failed > 0 ? 0 : misses + 1;
            }
        });
    }
    if (options_.progress) options_.progress(to_string(kind.name(), report_.kinds[kind.name()]));
}

void FaultSweep::try_some(const std::vector<Kind>& kinds) {
    // The number of calls is learnt during the sweep: the first fault of a kind comes early.
    std::vector<std::atomic<std::uint64_t>> calls(kinds.size());
    std::atomic<std::uint64_t> round{0};
    side_by_side([&](const std::string& folder) {
        while (std::chrono::steady_clock::now() < *options_.until) {
            workload::Dice dice{options_.seed, round++, 5};
            const std::size_t chosen = dice.below(kinds.size());
            const Kind& kind = kinds[chosen];
            // A process that is killed has not made all of its calls.
            if (kind.kills() && calls[chosen] == 0) {
                calls[chosen] = try_point(kind, 0, folder).calls;
            }
            const std::uint64_t known = calls[chosen] == 0 ? 20 : calls[chosen].load();
            const std::uint64_t made = try_point(kind, 1 + dice.below(known), folder).calls;
            if (!kind.kills()) calls[chosen] = made;
        }
    });
    if (!options_.progress) return;
    for (const auto& [name, report] : report_.kinds) options_.progress(to_string(name, report));
}

/// If the process had to end inside of RocksDB, a new one continues.
Ended FaultSweep::run_to_its_end(FaultedRun& run, const Point& point) {
    Ended ended = run.run(point);
    if (!ended.has_to_end_inside_rocksdb(point.call)) return ended;
    Point none = point;
    none.first = 0;
    const Ended next = run.run(none);
    ended.lines.insert(ended.lines.end(), next.lines.begin(), next.lines.end());
    ended.done = next.done;
    ended.hung = next.hung;
    ended.how = next.how;
    return ended;
}

const char* FaultSweep::task_of(Stage stage) {
    switch (stage) {
        case Stage::copying:
            return "copy";
        case Stage::widening:
            return "widen";
        default:
            return "work";
    }
}

Ended FaultSweep::try_point(const Kind& kind, std::uint64_t first, const std::string& folder) {
    const std::string database = folder + "/database";
    fs::remove_all(folder);
    fs::create_directory(folder);
    if (kind.stage != Stage::making) {
        const std::string from = kind.stage == Stage::widening ? "narrow" : "template";
        fs::copy(folder_ / from, database, fs::copy_options::recursive);
    }
    const Point point{kind.call, kind.outcome, first, kind.times};
    FaultedRun run{folder,
                   {.directory = database,
                    .seed = options_.seed,
                    .transactions = options_.transactions,
                    .task = task_of(kind.stage)}};
    Ended ended = run_to_its_end(run, point);
    const std::vector<std::string> findings = judge(kind, database, ended);

    const std::lock_guard lock{mutex_};
    const bool failed = take(kind, ended, findings);
    if (failed) {
        folder_.keep();
        const std::string kept = folder_ / fmt::format("kept-{}", kept_++);
        fs::rename(folder, kept);
        report_.failures.push_back(
            fmt::format("kept in {}; again with: tools/faults --seed {} --kind '{}' --point {}",
                        kept, options_.seed, kind.name(), first));
        if (options_.progress) {
            for (std::size_t i = failures_told_; i < report_.failures.size(); ++i) {
                options_.progress(report_.failures[i]);
            }
        }
        failures_told_ = report_.failures.size();
    }
    return ended;
}

/// No fault is in force here.
std::vector<std::string> FaultSweep::judge(const Kind& kind, const std::string& directory,
                                           const Ended& ended) {
    try {
        if (kind.stage != Stage::widening) return judge_work(directory, ended);
        Widening::Judged judged = widening_->judge(directory);
        const std::lock_guard lock{mutex_};
        report_.kinds[kind.name()].narrow += judged.was_narrow ? 1 : 0;
        return std::move(judged.findings);
    } catch (const std::exception& error) {
        return {fmt::format("what the victim left: {}", error.what())};
    }
}

/// Trusts the victim's messages, and compares.
std::vector<std::string> FaultSweep::judge_work(const std::string& directory,
                                                const Ended& ended) const {
    std::array<std::uint64_t, threads_count> acknowledged{};
    for (const std::string& line : ended.lines) {
        std::istringstream words{line};
        std::string word;
        std::uint32_t thread = 0;
        std::uint64_t count = 0;
        if (words >> word >> thread >> count && word == "a" && thread < threads_count) {
            acknowledged[thread] = count;
        }
    }
    Database database = Database::open(directory, workload::schema, options_of_the_run());
    const workload::Workload workload{options_.seed};
    const Snapshot now = database.snapshot();
    std::vector<std::string> findings;
    std::vector<workload::Model> models;
    for (std::uint32_t thread = 0; thread < threads_count; ++thread) {
        const std::uint64_t there = workload::position(now, thread);
        const bool all = !ended.done || there == options_.transactions;
        if (there < acknowledged[thread] || !all) {
            findings.push_back(
                fmt::format("thread {}: {} transactions were acknowledged, {} are there", thread,
                            acknowledged[thread], there));
        }
        workload.fold(models.emplace_back(thread), there);
    }
    for (std::string& difference : workload::compare(now, models)) {
        findings.push_back(std::move(difference));
    }
    for (std::string& difference : workload::Mirror{database, options_.seed}.catch_up()) {
        findings.push_back("consumers: " + std::move(difference));
    }
    const CheckReport check = database.check();
    findings.insert(findings.end(), check.findings.begin(), check.findings.end());
    return findings;
}

/// True: a failure.
bool FaultSweep::take(const Kind& kind, const Ended& ended,
                      const std::vector<std::string>& findings) {
    const std::size_t failures_before = report_.failures.size();
    const auto fail = [&](std::uint64_t& count, const std::string& what) {
        ++count;
        report_.failures.push_back(fmt::format("{}: {}", kind.name(), what));
    };
    if (!findings.empty()) fail(report_.lost, findings.front());
    std::set<std::string> names;
    bool continues = true;
    for (const std::string& line : ended.lines) {
        if (line[0] == 'x') fail(report_.lost, line);
        if (line[0] == 'h') fail(report_.hung, line);
        continues = continues && line[0] != 'h' && line[0] != 'x';
        if (line[0] == 'e' && names.insert(code_in(line)).second &&
            !fits(code_in(line), kind.call)) {
            fail(report_.unnamed, line);
        }
    }
    if (ended.hung) fail(report_.hung, ended.how);
    if (!ended.hung && !ended.done && !ended.killed && continues) fail(report_.crashed, ended.how);
    if (ended.failed > 0) {
        ++report_.points;
        KindReport& its = report_.kinds[kind.name()];
        ++its.points;
        ++(ended.has_to_end_inside_rocksdb(kind.call) ? its.ended
           : ended.killed                             ? its.killed
           : names.empty()                            ? its.unseen
                                                      : its.refused);
        for (const std::string& name : names) ++its.names[name];
    }
    return report_.failures.size() > failures_before;
}

}  // namespace amphora::fault
