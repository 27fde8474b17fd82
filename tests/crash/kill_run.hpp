#pragma once

#include "crash/judge.hpp"
#include "crash/kill_report.hpp"
#include "crash/promises.hpp"
#include "crash/victim_process.hpp"
#include "support/cut_disk.hpp"
#include "workload/dice.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace amphora::crash {

struct KillRunOptions {
    /// A power cut takes what the file system below the database has not synced.
    Stop stop = Stop::kill;
    std::uint64_t seed = 1;
    std::uint64_t first_cycle = 0;
    std::uint64_t cycles = 200;
    /// No new cycle after that; none: all of them.
    std::optional<std::chrono::steady_clock::time_point> until = std::nullopt;
    std::uint64_t cycles_per_database = 20;
    /// Called after each cycle with how many are done.
    std::function<void(std::uint64_t done)> progress = nullptr;
};

/// Lets victims work on a database and kills them, or cuts the power of their disk: while they open
/// and recover, write, compact, make a backup, restore it and close, several times in a row. Judges
/// the copies at once (CopyTrial). Then opens the database itself and judges it: the contents of
/// each thread must be the fold of its first k transactions, where k is what it was promised, or
/// one more; in both stores and every index; and `Database::check` finds nothing. The next cycle
/// continues from there. Ends at the first failure and keeps the directory.
class KillRun {
  public:
    explicit KillRun(KillRunOptions options);
    ~KillRun();
    KillRun(const KillRun&) = delete;
    KillRun& operator=(const KillRun&) = delete;

    KillReport run();
    /// Where a power cut is not possible here, the reason.
    [[nodiscard]] std::optional<std::string> why_not() const;

  private:
    enum class Moment : std::uint8_t { opening, working, compacting, copying, closing };

    void begin_database(std::uint64_t cycle);
    void cycle(std::uint64_t cycle);
    void work_and_kill(std::uint64_t cycle);
    void recover_and_kill(std::uint64_t cycle);
    /// How it was to be restored.
    RestoreWish restore_and_kill(std::uint64_t cycle, const CopyPromise& copy);
    void judge_copies(std::uint64_t cycle);
    void finish(VictimProcess& victim, const std::string& doing);
    void stop(VictimProcess& victim);
    void judge(std::uint64_t cycle);
    void require_archived(const Database& database, const std::string& archive);
    [[nodiscard]] Options options_of(std::uint64_t cycle) const;
    void take_count();

    void hear(const std::string& line);
    /// Reads lines until `enough` accepts one. False: the victim ended before.
    bool listen(VictimProcess& victim, const std::function<bool(const std::string&)>& enough);
    void listen_for(VictimProcess& victim, std::chrono::microseconds time);
    /// A random time within this duration, or a little later.
    std::chrono::microseconds any_time_in(std::chrono::microseconds time);
    std::vector<std::string> arguments(std::uint64_t cycle, const std::string& what) const;
    void fail(const std::string& what);
    [[nodiscard]] bool failed() const;

    KillRunOptions options_;
    KillReport report_;
    workload::Dice dice_;
    std::string folder_;
    std::optional<support::CutDisk> disk_;
    std::string database_;
    std::uint64_t workload_seed_ = 0;
    std::uint64_t databases_ = 0;
    Promises promises_;
    std::optional<Judge> judge_;
    // How long the last ones took, to aim at.
    std::chrono::microseconds opening_time_{100'000};
    std::chrono::microseconds closing_time_{20'000};
    std::chrono::microseconds copying_time_{50'000};
    std::chrono::microseconds restoring_time_{100'000};
};

}  // namespace amphora::crash
