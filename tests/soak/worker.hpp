#pragma once

#include "soak/lap_times.hpp"
#include "soak/worker_plan.hpp"
#include "workload/dice.hpp"
#include "workload/model.hpp"
#include "workload/workload.hpp"

#include <amphora/amphora.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace amphora::soak {

/// Everything that an application does to its database, at the same time, until it is told to stop
/// or killed: threads write, read, hold a snapshot for seconds, wait for deliveries, compact,
/// check, and make backups that they restore to another directory. The workload erases as much as
/// it inserts. A thread that sees something impossible stops the worker.
///
/// A worker prints a line at a time, as the victim of the crash run does (open, at, ready, s, w),
/// and pulses.
class Worker {
  public:
    using Say = std::function<void(std::string line)>;

    /// Opens or makes the database.
    Worker(const std::string& directory, const WorkerPlan& plan, const Options& options, Say say);
    /// Until `stop`. Throws what a thread met.
    void work();
    void stop() noexcept;
    void close() { database_->close(); }

  private:
    void write(workload::Model& model);
    void read(std::uint64_t number);
    void hold_snapshots();
    void press_relays();
    void back_up();
    void pulse();

    void look_whole(const Snapshot& snapshot);
    [[nodiscard]] std::vector<std::uint64_t> positions(const Snapshot& snapshot) const;
    void require(bool holds, const char* invariant);
    /// False: it is time to stop.
    bool pause(std::chrono::milliseconds time);
    void fail(const std::string& what);

    const WorkerPlan plan_;
    const Say say_;
    const workload::Workload workload_;
    std::optional<Database> database_;
    std::vector<workload::Model> models_;
    LapTimes writes_;
    LapTimes reads_;
    std::atomic<std::uint64_t> checks_{0};
    std::atomic<std::uint64_t> backups_{0};

    std::atomic<bool> stopped_{false};
    std::mutex mutex_;
    std::condition_variable stopping_;
    std::string failure_;  // the first
};

}  // namespace amphora::soak
