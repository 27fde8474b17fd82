// Far more threads than processors: 32 that write, 32 that read, and more that hold snapshots,
// press the relays and check.

#include "soak/load_case.hpp"
#include "soak/worker.hpp"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <sstream>
#include <thread>

namespace amphora::soak {
namespace {

/// A worker's last report about each thread: how many transactions it has done.
class Told {
  public:
    void hear(const std::string& line) {
        std::istringstream words{line};
        std::string word;
        std::uint32_t thread = 0;
        std::uint64_t done = 0;
        if (!(words >> word >> thread >> done)) return;
        if (word != "at" && word != "s" && word != "w") return;
        const std::lock_guard lock{mutex_};
        done_[thread] = done;
    }
    [[nodiscard]] std::map<std::uint32_t, std::uint64_t> done() const {
        const std::lock_guard lock{mutex_};
        return done_;
    }

  private:
    mutable std::mutex mutex_;
    std::map<std::uint32_t, std::uint64_t> done_;
};

}  // namespace

CaseReport many_threads(const CaseOptions& options) {
    const WorkerPlan plan{.seed = 1, .writers = 32, .readers = 32, .pulse_ms = 200};
    const std::string directory = options.folder + "/threads.amphora";
    Told while_working;
    {
        Worker worker{directory, plan, plan.options(),
                      [&](const std::string& line) { while_working.hear(line); }};
        std::jthread clock{[&] {
            std::this_thread::sleep_for(std::chrono::seconds{options.size});
            worker.stop();
        }};
        worker.work();
        worker.close();
    }
    // Opening it compares everything with the models.
    Told when_opened;
    Worker worker{directory, plan, plan.options(),
                  [&](const std::string& line) { when_opened.hear(line); }};
    worker.close();

    CaseReport report;
    report.require(when_opened.done() == while_working.done(),
                   "what was acknowledged to each thread is there");
    std::uint64_t transactions = 0;
    for (const auto& [thread, done] : while_working.done()) {
        transactions += done;
        report.require(done > 0, fmt::format("thread {} had a turn", thread));
    }
    report.lines.push_back(fmt::format(
        "{} threads, {} transactions, {:.0f}/s", plan.writers + plan.readers + 3, transactions,
        static_cast<double>(transactions) / static_cast<double>(options.size)));
    return report;
}

}  // namespace amphora::soak
