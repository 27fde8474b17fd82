#pragma once

#include "fault/faulted_run.hpp"
#include "fault/widening.hpp"
#include "support/scratch_directory.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace amphora::fault {

struct SweepOptions {
    std::uint64_t seed = 1;
    /// "write", "write:EIO", "write:ENOSPC:full", "write:EIO:making", "sync:EIO:copying"; or the end
    /// of a name, as ":widening" or ":kill:widening"; empty: all.
    std::string kind;
    /// The point at which each kind begins, to continue a long sweep.
    std::uint64_t from = 1;
    /// That one alone, of each kind.
    std::optional<std::uint64_t> point = std::nullopt;
    /// Random points instead of every point, until then.
    std::optional<std::chrono::steady_clock::time_point> until = std::nullopt;
    std::uint64_t transactions = 12;  ///< of each thread
    std::uint32_t parallel = 2;
    std::function<void(const std::string& line)> progress = nullptr;
};

/// The results of one kind.
struct KindReport {
    std::uint64_t points = 0;
    std::uint64_t unseen = 0;   ///< nothing was refused: tried again, or not needed
    std::uint64_t refused = 0;  ///< something was refused, by name
    std::uint64_t killed = 0;   ///< by the fault
    std::uint64_t narrow = 0;   ///< of the widened databases: not widened when they were judged
    std::uint64_t ended =
        0;  ///< for allocations: the process ended inside of RocksDB, and a new one continued
    std::map<std::string, std::uint64_t> names;  ///< of the errors
};

struct SweepReport {
    std::map<std::string, KindReport> kinds;
    std::uint64_t points = 0;
    std::uint64_t lost = 0, hung = 0, crashed = 0;
    std::uint64_t unnamed = 0;          ///< refused, but not with a name that fits
    std::vector<std::string> failures;  ///< with how to repeat them

    /// "faults: N points, 0 lost, 0 hung, 0 crashed"
    [[nodiscard]] std::string closing_line() const;
};

/// Makes the first, second, third ... call of a kind fail, until no call is left to fail, each in
/// its own victim. Then opens the victim's database without faults and judges it: acknowledged work
/// is stored once, in both stores and every index; `Database::check` finds nothing.
///
/// One fault cannot be survived: RocksDB is not written for exceptions. If memory runs out inside
/// of it the process must end, and on RocksDB's threads it does. These cases are counted
/// separately, and a new process must find everything and continue.
class FaultSweep {
  public:
    explicit FaultSweep(SweepOptions options) : options_{std::move(options)} {}

    SweepReport run();

  private:
    /// The victim's work when the fault comes.
    enum class Stage : std::uint8_t {
        making,      ///< a database and its work
        recovering,  ///< a database whose work was interrupted, which then continues
        copying,     ///< backup, archive and restore
        widening,    ///< opening with a schema that adds constraints
    };
    struct Kind {
        std::string call;
        std::string outcome;
        std::uint64_t times = 1;
        Stage stage = Stage::making;

        [[nodiscard]] bool kills() const { return outcome == "kill"; }
        [[nodiscard]] std::string name() const;
        [[nodiscard]] bool is_called(const std::string& wanted) const;
    };

    [[nodiscard]] static std::vector<Kind> all_kinds();
    /// Of the victim.
    [[nodiscard]] static const char* task_of(Stage stage);
    void make_templates();
    void sweep(const Kind& kind);
    void try_some(const std::vector<Kind>& kinds);
    void side_by_side(const std::function<void(const std::string& folder)>& work) const;
    /// In its own folder. The first is 1; 0 only counts.
    Ended try_point(const Kind& kind, std::uint64_t first, const std::string& folder);
    [[nodiscard]] static Ended run_to_its_end(FaultedRun& run, const Point& point);
    [[nodiscard]] std::vector<std::string> judge(const Kind& kind, const std::string& directory,
                                                 const Ended& ended);
    [[nodiscard]] std::vector<std::string> judge_work(const std::string& directory,
                                                      const Ended& ended) const;
    bool take(const Kind& kind, const Ended& ended, const std::vector<std::string>& findings);

    SweepOptions options_;
    support::ScratchDirectory folder_{support::Scratch::memory, "faults"};
    std::optional<Widening> widening_;
    std::mutex mutex_;
    SweepReport report_;
    std::uint64_t kept_ = 0;
    std::size_t failures_told_ = 0;
};

}  // namespace amphora::fault
