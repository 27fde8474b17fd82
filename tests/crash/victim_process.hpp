#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace amphora::crash {

/// How a victim ended.
struct Ending {
    bool killed = false;     ///< by SIGKILL, as it should
    bool closed = false;     ///< by itself, with exit code 0
    bool disk_gone = false;  ///< it complained of its disk, or touched a map of it
    std::string text;        ///< for people
};

/// The program that the crash run kills.
[[nodiscard]] std::string crash_victim();

/// The victim, exec'd, with its input and output on pipes and its log in a file. The destructor
/// kills it if it still lives. `environment` ("NAME=VALUE") is added to our own.
class VictimProcess {
  public:
    VictimProcess(const std::vector<std::string>& arguments, const std::string& log_path,
                  const std::vector<std::string>& environment = {},
                  const std::string& program = crash_victim());
    ~VictimProcess();
    VictimProcess(const VictimProcess&) = delete;
    VictimProcess& operator=(const VictimProcess&) = delete;

    /// The next line; none at the end of the output or when the time is over.
    [[nodiscard]] std::optional<std::string> line(std::chrono::steady_clock::time_point until);
    [[nodiscard]] bool at_end() const { return at_end_; }
    [[nodiscard]] pid_t id() const { return process_; }
    /// Tells it to stop and close.
    void ask_to_close();
    /// SIGKILL, at any point. Its messages can still be read.
    void kill();
    /// Waits for its end, which must be near.
    Ending wait();

  private:
    pid_t process_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::string said_;
    bool at_end_ = false;
};

}  // namespace amphora::crash
