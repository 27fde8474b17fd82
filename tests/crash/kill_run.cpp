#include "crash/kill_run.hpp"

#include "crash/archive_check.hpp"
#include "crash/copy_place.hpp"
#include "crash/copy_trial.hpp"
#include "crash/voice.hpp"
#include "workload/schema.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <thread>

namespace amphora::crash {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

/// Longer than any machine needs for one step: a victim that takes longer hangs.
constexpr std::chrono::seconds hang{120};

/// Of the disk whose power is cut: two databases, with their archives, copies and restores, filled
/// one of 128. The file is sparse.
constexpr std::uint32_t disk_mebibytes = 512;

microseconds since(steady_clock::time_point start) {
    return std::chrono::duration_cast<microseconds>(steady_clock::now() - start);
}

/// To aim at, where the victim was not as fast.
microseconds later_than(microseconds time) {
    return std::min(time + time / 4, microseconds{500'000});
}

}  // namespace

KillRun::KillRun(KillRunOptions options)
    : options_{std::move(options)},
      dice_{options_.seed, options_.first_cycle, 2},
      promises_{options_.stop} {
    folder_ = (std::filesystem::temp_directory_path() / "amphora-crash-XXXXXX").string();
    if (::mkdtemp(folder_.data()) == nullptr) {
        throw std::runtime_error{"cannot make a directory for the crash run"};
    }
    if (options_.stop == Stop::power_cut) disk_.emplace(folder_, disk_mebibytes);
}

KillRun::~KillRun() {
    disk_.reset();
    std::error_code ignored;
    if (report_.failures.empty()) std::filesystem::remove_all(folder_, ignored);
}

std::optional<std::string> KillRun::why_not() const {
    if (!disk_ || disk_->usable()) return std::nullopt;
    return support::CutDisk::why_unusable;
}

KillReport KillRun::run() {
    for (std::uint64_t at = 0; at < options_.cycles && !failed(); ++at) {
        if (options_.until && at > 0 && steady_clock::now() > *options_.until) break;
        if (at % options_.cycles_per_database == 0) begin_database(options_.first_cycle + at);
        try {
            cycle(options_.first_cycle + at);
        } catch (const std::exception& error) {
            fail(error.what());
        }
        ++report_.cycles;
        if (options_.progress) options_.progress(report_.cycles);
        if (!failed()) continue;
        report_.failures.push_back(
            fmt::format("cycle {}: {}", options_.first_cycle + at,
                        to_string(plan_of(options_.seed, options_.first_cycle + at))));
        report_.failures.push_back(fmt::format(
            "kept in {}; again with: tools/{} --seed {} --from {} --{} {}", folder_,
            disk_ ? "power" : "crash", options_.seed,
            options_.first_cycle + at / options_.cycles_per_database * options_.cycles_per_database,
            disk_ ? "cuts" : "cycles", at % options_.cycles_per_database + 1));
    }
    take_count();
    return report_;
}

void KillRun::take_count() {
    report_.acknowledged += promises_.acknowledged();
    report_.lost += promises_.lost();
    report_.duplicated += promises_.duplicated();
    report_.torn += promises_.torn();
    report_.failures.insert(report_.failures.begin(), promises_.complaints().begin(),
                            promises_.complaints().end());
    promises_ = Promises{options_.stop};
}

bool KillRun::failed() const {
    return !report_.failures.empty() || !promises_.complaints().empty();
}

void KillRun::fail(const std::string& what) {
    report_.failures.push_back(what);
}

void KillRun::begin_database(std::uint64_t cycle) {
    take_count();
    std::error_code ignored;
    for (const std::string& place : copy_places(database_)) {
        std::filesystem::remove_all(place + ".unfinished", ignored);
    }
    if (!database_.empty()) {
        std::filesystem::remove_all(database_, ignored);
        std::filesystem::remove_all(place_of_archive(database_), ignored);
    }
    std::filesystem::remove(folder_ + "/victim.log", ignored);
    database_ = fmt::format("{}/database-{}", disk_ ? disk_->place() : folder_, databases_++);
    workload_seed_ = workload::Dice{options_.seed, cycle, 3}();
    judge_.emplace(workload_seed_);
}

std::vector<std::string> KillRun::arguments(std::uint64_t cycle, const std::string& what) const {
    return {database_, std::to_string(workload_seed_), std::to_string(options_.seed),
            std::to_string(cycle), what};
}

void KillRun::cycle(std::uint64_t cycle) {
    dice_ = workload::Dice{options_.seed, cycle, 2};
    for (std::uint64_t left = dice_.between(1, 3); left > 0 && !failed(); --left) {
        work_and_kill(cycle);
        if (!failed()) judge_copies(cycle);
        for (int times = 0; times < 4 && dice_.once_in(3) && !failed(); ++times) {
            recover_and_kill(cycle);
        }
    }
    if (!failed()) judge(cycle);
}

void KillRun::hear(const std::string& line) {
    if (line == "skipped" || line == "restarted") ++report_.consumers[line];
    promises_.heard(line);
}

bool KillRun::listen(VictimProcess& victim, const std::function<bool(const std::string&)>& enough) {
    for (;;) {
        const auto line = victim.line(steady_clock::now() + hang);
        if (!line) {
            if (!victim.at_end()) {
                fail(fmt::format("the victim has said nothing for {} s", hang.count()));
            }
            return false;
        }
        hear(*line);
        if (enough(*line)) return true;
    }
}

void KillRun::listen_for(VictimProcess& victim, microseconds time) {
    const auto until = steady_clock::now() + time;
    // Exact to the microsecond for short times; a pipe that fills up would stop the victim.
    if (time < microseconds{2'000}) {
        std::this_thread::sleep_until(until);
        return;
    }
    while (const auto line = victim.line(until)) hear(*line);
}

void KillRun::stop(VictimProcess& victim) {
    if (disk_) disk_->cut_power();
    victim.kill();
    while (const auto line = victim.line(steady_clock::now() + hang)) {
        // A victim may complain that its disk is gone.
        if (!disk_ || !line->starts_with("x ")) hear(*line);
    }
}

void KillRun::finish(VictimProcess& victim, const std::string& doing) {
    stop(victim);
    const Ending ending = victim.wait();
    if (disk_) disk_->power_on();
    if (ending.killed || (disk_ && ending.disk_gone)) {
        ++report_.stops[doing];
    } else if (ending.closed) {
        ++report_.stops["(was faster)"];
    } else {
        fail(fmt::format("the victim {} while {}", ending.text, doing));
    }
}

void KillRun::work_and_kill(std::uint64_t cycle) {
    const CyclePlan plan = plan_of(options_.seed, cycle);
    const std::uint64_t chance = dice_.below(8);
    const Moment moment = chance < 2                     ? Moment::opening
                          : chance == 2                  ? Moment::closing
                          : chance == 3 && plan.compacts ? Moment::compacting
                          : chance > 4 && plan.copies    ? Moment::copying
                                                         : Moment::working;
    const std::uint64_t enough = dice_.once_in(8) ? 0 : dice_.below(dice_.once_in(6) ? 2000 : 250);
    promises_.started(plan.threads);
    const auto start = steady_clock::now();
    VictimProcess victim{arguments(cycle, "work"), folder_ + "/victim.log"};
    if (moment == Moment::opening) {
        listen_for(victim, any_time_in(opening_time_));
        return finish(victim, "opening");
    }
    if (listen(victim, [](const std::string& line) { return line == "open"; })) {
        opening_time_ = since(start);
    }
    std::uint64_t commits = 0;
    listen(victim, [&](const std::string& line) {
        if (Promises::is_commit(line)) ++commits;
        if (moment == Moment::compacting) return line == "compacting" && commits >= enough / 4;
        if (moment == Moment::copying) return line.starts_with("copying") && commits >= enough / 4;
        return commits > enough;
    });
    if (moment == Moment::closing) {
        victim.ask_to_close();
        listen(victim, [](const std::string& line) { return line == "closing"; });
        const auto closing = steady_clock::now();
        listen_for(victim, any_time_in(closing_time_));
        // If it was faster, aim earlier next time.
        closing_time_ = victim.at_end() ? since(closing) : later_than(closing_time_);
        return finish(victim, "closing");
    }
    if (moment == Moment::copying && !promises_.copies().empty()) {
        const std::uint64_t number = promises_.copies().back().number;
        listen_for(victim, any_time_in(copying_time_));
        const CopyPromise& last = promises_.copies().back();
        const bool was_faster = last.number > number || last.is_made;
        copying_time_ = was_faster ? copying_time_ * 4 / 5 : later_than(copying_time_);
        return finish(victim, "copying");
    }
    const bool compacting = moment == Moment::compacting;
    listen_for(victim, microseconds{dice_.below(compacting ? 20'000 : 3'000)});
    finish(victim, compacting ? "compacting" : "working");
}

void KillRun::recover_and_kill(std::uint64_t cycle) {
    promises_.started(0);
    VictimProcess victim{arguments(cycle, "recover"), folder_ + "/victim.log"};
    listen_for(victim, any_time_in(opening_time_));
    finish(victim, "recovering");
}

void KillRun::judge_copies(std::uint64_t cycle) {
    const std::vector<CopyPromise>& copies = promises_.copies();
    const auto newest = std::find_if(copies.rbegin(), copies.rend(), [&](const CopyPromise& copy) {
        return std::filesystem::exists(place_of_copy(database_, copy.number));
    });
    std::optional<RestoreWish> begun;
    if (newest != copies.rend() && dice_.once_in(2)) begun = restore_and_kill(cycle, *newest);
    CopyTrial trial{database_, options_of(cycle)};
    for (const std::string& finding : trial.look(*judge_, promises_, dice_, begun)) {
        ++report_.torn;
        fail(finding);
    }
    report_.copies += trial.whole();
    for (const auto& [kind, times] : trial.restores()) report_.restores[kind] += times;
    if (!failed()) trial.clear();
}

RestoreWish KillRun::restore_and_kill(std::uint64_t cycle, const CopyPromise& copy) {
    const RestoreWish wish = any_wish(copy, promises_, database_, dice_);
    const auto start = steady_clock::now();
    VictimProcess victim{arguments(cycle, "restore=" + wish.word()), folder_ + "/victim.log"};
    listen_for(victim, any_time_in(restoring_time_));
    restoring_time_ = victim.at_end() ? since(start) : later_than(restoring_time_);
    finish(victim, "restoring " + wish.kind());
    return wish;
}

microseconds KillRun::any_time_in(microseconds time) {
    return microseconds{dice_.below(static_cast<std::uint64_t>(time.count()) * 5 / 4 + 1)};
}

Options KillRun::options_of(std::uint64_t cycle) const {
    return crash::options_of(plan_of(options_.seed, cycle), database_, workload_seed_);
}

void KillRun::require_archived(const Database& database, const std::string& archive) {
    if (archive.empty()) return;
    ++report_.archives;
    if (const auto lack = what_is_not_archived(database, archive)) {
        ++report_.lost;
        fail(*lack);
    }
}

void KillRun::judge(std::uint64_t cycle) {
    Options options = options_of(cycle);
    std::mutex mutex;
    options.log = [&](const std::string& line) {
        const std::lock_guard lock{mutex};
        if (const auto word = fate_of_consumer(line)) ++report_.consumers[*word];
    };
    Database database = Database::open(database_, workload::schema, options);
    require_archived(database, options.archive_directory);
    const RecoveryReport recovery = database.statistics().recovery;
    if (recovery.commits_replayed > 0) ++report_.recoveries;
    report_.commits_replayed += recovery.commits_replayed;

    std::vector<std::string> differences = judge_->look(database, promises_);
    report_.torn += differences.size();
    if (differences.size() > 20) differences.resize(20);
    for (const std::string& difference : differences) fail(difference);
    // Half of the time the handle is dropped, so that the next victim finds the result.
    if (dice_.once_in(2)) database.close();
}

}  // namespace amphora::crash
