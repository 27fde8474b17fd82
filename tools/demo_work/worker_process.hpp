#pragma once

#include "demo_work/step.hpp"

#include <cstdint>
#include <functional>
#include <string>

#include <sys/types.h>

namespace amphora::demo {

/// The worker: this program, executed again as a process of its own, with two pipes to it.
class WorkerProcess {
  public:
    WorkerProcess(const std::string& program, const std::string& directory, std::uint64_t run,
                  std::uint64_t seed);
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    /// Reads steps until `heard` returns false, or until the worker has ended (returns false then).
    bool listen(const std::function<bool(const Step&)>& heard);

    /// SIGKILL, at any moment of its work; then reads the rest of the pipe.
    void kill(const std::function<void(const Step&)>& heard);
    /// Tells it to stop, reads the rest of the pipe, and returns its exit code.
    int finish(const std::function<void(const Step&)>& heard);

  private:
    [[nodiscard]] bool read_more();
    [[nodiscard]] bool next_line(std::string& line);
    void drain(const std::function<void(const Step&)>& heard);
    int wait();

    pid_t pid_ = -1;
    int steps_ = -1;
    int stop_ = -1;
    std::string buffer_;
};

}  // namespace amphora::demo
