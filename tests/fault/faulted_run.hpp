#pragma once

#include "fault/injection.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace amphora::fault {

/// One fault to be tried: "write:EIO:17:1".
struct Point {
    std::string call;
    std::string outcome;
    std::uint64_t first = 0;  ///< 0: none fails, for counting
    std::uint64_t times = 1;
};

/// What the victim said and how it ended.
struct Ended {
    std::vector<std::string> lines;
    bool done = false;
    bool hung = false;               ///< ended by us after `hang`
    bool crashed = false;            ///< by a signal that is not the fault's
    bool killed = false;             ///< by the fault
    std::string how;                 ///< for people
    std::uint64_t calls = 0;         ///< of that kind
    std::uint64_t failed = 0;        ///< of them, by the fault
    bool gave_up_process = false;    ///< it was told that only a new process helps
    bool is_inside_rocksdb = false;  ///< where the fault came

    [[nodiscard]] bool has_to_end_inside_rocksdb(const std::string& call) const {
        return call == "allocation" && is_inside_rocksdb && (crashed || gave_up_process);
    }
};

/// Starts the victim under the preloaded library, with its output in a file, and waits for its end.
class FaultedRun {
  public:
    struct Work {
        std::string directory;  ///< of the database
        std::uint64_t seed;
        std::uint64_t transactions;
        std::string task = "work";  ///< of the victim's
    };
    static constexpr std::chrono::seconds hang{20};

    /// `folder`: for the files around it.
    FaultedRun(std::string folder, Work work)
        : folder_{std::move(folder)}, work_{std::move(work)} {}

    [[nodiscard]] Ended run(const Point& point);
    [[nodiscard]] std::string log_path() const { return folder_ + "/victim.log"; }

  private:
    [[nodiscard]] pid_t start(const Point& point);
    void await_end(pid_t process, Ended& ended);

    std::string folder_;
    Work work_;
};

}  // namespace amphora::fault
