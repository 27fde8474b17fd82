#include "crash/victim_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace amphora::crash {
namespace {

std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::system_error{errno, std::generic_category(), "making a pipe"};
    }
    return ends;
}

/// As exec wants them.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

std::string crash_victim() {
    return AMPHORA_CRASH_VICTIM;
}

VictimProcess::VictimProcess(const std::vector<std::string>& arguments, const std::string& log_path,
                             const std::vector<std::string>& environment,
                             const std::string& program) {
    const auto to_victim = make_pipe();
    const auto from_victim = make_pipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to_victim[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from_victim[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_path.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0644);
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables{environment};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        variables.emplace_back(*variable);
    }
    const int status = ::posix_spawn(&process_, program.c_str(), &actions, nullptr,
                                     pointers_to(words).data(), pointers_to(variables).data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(to_victim[0]);
    ::close(from_victim[1]);
    input_ = to_victim[1];
    output_ = from_victim[0];
    if (status != 0) {
        process_ = -1;
        throw std::system_error{status, std::generic_category(), "starting " + program};
    }
}

VictimProcess::~VictimProcess() {
    if (process_ > 0) {
        kill();
        wait();
    }
    if (input_ >= 0) ::close(input_);
    ::close(output_);
}

std::optional<std::string> VictimProcess::line(std::chrono::steady_clock::time_point until) {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    for (;;) {
        if (const std::size_t end = said_.find('\n'); end != std::string::npos) {
            std::string line = said_.substr(0, end);
            said_.erase(0, end + 1);
            return line;
        }
        if (at_end_) return std::nullopt;
        const auto left =
            duration_cast<milliseconds>(until - std::chrono::steady_clock::now()).count();
        if (left < 0) return std::nullopt;
        pollfd waiting{output_, POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(left) + 1) <= 0) continue;
        std::array<char, 4096> piece{};
        const ssize_t bytes = ::read(output_, piece.data(), piece.size());
        if (bytes > 0) {
            said_.append(piece.data(), static_cast<std::size_t>(bytes));
        } else if (bytes == 0 || errno != EINTR) {
            at_end_ = true;
        }
    }
}

void VictimProcess::ask_to_close() {
    // The end of its input; unlike a write, closing cannot fail if the victim is gone.
    if (input_ >= 0) ::close(input_);
    input_ = -1;
}

void VictimProcess::kill() {
    ::kill(process_, SIGKILL);
}

Ending VictimProcess::wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    Ending ending;
    ending.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    ending.closed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    ending.disk_gone = (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS) ||
                       (WIFEXITED(status) && WEXITSTATUS(status) == 3);
    ending.text = WIFSIGNALED(status) ? "died of signal " + std::to_string(WTERMSIG(status))
                                      : "ended with " + std::to_string(WEXITSTATUS(status));
    return ending;
}

}  // namespace amphora::crash
