// A database larger than all the memory of its process: a cgroup limits the memory of the process
// and its page cache together.

#include "crash/victim_process.hpp"
#include "soak/load_case.hpp"
#include "soak/series.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace amphora::soak {
namespace {

/// A memory limit of the first version of cgroups, which is the one that counts page cache and
/// whose highest use can be asked for.
class MemoryLimit {
  public:
    explicit MemoryLimit(std::uint64_t bytes)
        : folder_{fmt::format("/sys/fs/cgroup/memory/amphora-soak-{}", ::getpid())} {
        std::error_code failed;
        is_set_ = std::filesystem::create_directory(folder_, failed) && !failed &&
                  write("memory.limit_in_bytes", bytes);
    }
    ~MemoryLimit() { ::rmdir(folder_.c_str()); }
    MemoryLimit(const MemoryLimit&) = delete;
    MemoryLimit& operator=(const MemoryLimit&) = delete;

    [[nodiscard]] bool is_set() const { return is_set_; }
    [[nodiscard]] bool take_in(pid_t process) const {
        return write("cgroup.procs", static_cast<std::uint64_t>(process));
    }
    [[nodiscard]] std::uint64_t highest_bytes() const {
        std::uint64_t bytes = 0;
        std::ifstream{folder_ + "/memory.max_usage_in_bytes"} >> bytes;
        return bytes;
    }

  private:
    [[nodiscard]] bool write(const char* file, std::uint64_t number) const {
        return static_cast<bool>(std::ofstream{folder_ + "/" + file} << number << std::flush);
    }

    std::string folder_;
    bool is_set_ = false;
};

}  // namespace

CaseReport larger_than_memory(const CaseOptions& options) {
    CaseReport report;
    const MemoryLimit limit{options.size << 20};
    if (!limit.is_set()) {
        report.skipped = "a memory cgroup of one's own needs root and /sys/fs/cgroup/memory";
        return report;
    }
    crash::VictimProcess child{
        {options.folder + "/large.amphora", std::to_string(3 * options.size)},
        options.folder + "/child.log",
        {},
        AMPHORA_SOAK_LARGE};
    if (!limit.take_in(child.id())) {
        report.skipped = "the memory cgroup takes no process";
        return report;
    }
    child.ask_to_close();  // it waits for the end of its input before it begins
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{10};
    while (const auto line = child.line(until)) {
        (line->starts_with("x ") ? report.failures : report.lines).push_back(*line);
    }
    if (!child.at_end()) child.kill();
    const crash::Ending ending = child.wait();
    report.require(ending.closed, "the process with little memory " + ending.text);
    report.lines.push_back(fmt::format("limit {}, highest use {}", in_mib(options.size << 20),
                                       in_mib(limit.highest_bytes())));
    return report;
}

}  // namespace amphora::soak
