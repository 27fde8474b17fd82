#include "fault/faulted_run.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <new>
#include <system_error>
#include <thread>

namespace amphora::fault {
namespace {

using std::chrono::steady_clock;

/// The counters that the library keeps, in a file that both map.
class SharedTally {
  public:
    explicit SharedTally(const std::string& path) {
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (file < 0 || ::ftruncate(file, sizeof(Tally)) != 0) fail(path);
        void* const memory =
            ::mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        ::close(file);
        if (memory == MAP_FAILED) fail(path);
        tally_ = new (memory) Tally{};
    }
    ~SharedTally() { ::munmap(tally_, sizeof(Tally)); }
    SharedTally(const SharedTally&) = delete;
    SharedTally& operator=(const SharedTally&) = delete;

    const Tally* operator->() const { return tally_; }

  private:
    [[noreturn]] static void fail(const std::string& path) {
        throw std::system_error{errno, std::generic_category(), path};
    }
    Tally* tally_;
};

std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream file{path};
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

std::size_t place_of(const std::string& call) {
    for (std::size_t i = 0; i < calls_count; ++i) {
        if (call_names[i] == call) return i;
    }
    throw std::invalid_argument{"there is no kind of call named " + call};
}

}  // namespace

pid_t FaultedRun::start(const Point& point) {
    std::vector<std::string> words{AMPHORA_FAULT_VICTIM, work_.directory,
                                   std::to_string(work_.seed), std::to_string(work_.transactions),
                                   work_.task};
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        variables.emplace_back(*variable);
    }
    variables.emplace_back("LD_PRELOAD=" AMPHORA_FAULT_INJECTOR);
    variables.emplace_back("AMPHORA_FAULT_BELOW=" + work_.directory);
    variables.emplace_back("AMPHORA_FAULT_TALLY=" + folder_ + "/tally");
    if (point.first != 0) {
        variables.emplace_back(fmt::format("AMPHORA_FAULT={}:{}:{}:{}", point.call, point.outcome,
                                           point.first, point.times));
    }
    if (point.times > 1) {
        const std::string ballast = folder_ + "/ballast";
        std::ofstream{ballast} << "full";
        variables.emplace_back("AMPHORA_FAULT_UNTIL=" + ballast);
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, (folder_ + "/said").c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_path().c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
    pid_t process = -1;
    const int status = ::posix_spawn(&process, AMPHORA_FAULT_VICTIM, &actions, nullptr,
                                     pointers_to(words).data(), pointers_to(variables).data());
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0) {
        throw std::system_error{status, std::generic_category(), "starting " AMPHORA_FAULT_VICTIM};
    }
    return process;
}

void FaultedRun::await_end(pid_t process, Ended& ended) {
    const auto until = steady_clock::now() + hang;
    int status = 0;
    while (::waitpid(process, &status, WNOHANG) == 0) {
        if (!ended.hung && steady_clock::now() > until) {
            ended.hung = true;
            ::kill(process, SIGKILL);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    ended.crashed = !ended.hung && WIFSIGNALED(status);
    ended.how = ended.hung      ? "hung"
                : ended.crashed ? fmt::format("died of signal {}", WTERMSIG(status))
                                : fmt::format("ended with {}", WEXITSTATUS(status));
}

Ended FaultedRun::run(const Point& point) {
    const SharedTally tally{folder_ + "/tally"};
    Ended ended;
    await_end(start(point), ended);
    ended.lines = lines_of(folder_ + "/said");
    ended.done = ended.how == "ended with 0";
    ended.gave_up_process = ended.how == "ended with 4";
    for (const std::string& line : lines_of(log_path())) {
        if (line.substr(0, line.find('(')).find("/librocksdb.so") != std::string::npos) {
            ended.is_inside_rocksdb = true;
        }
    }
    ended.calls = tally->calls[place_of(point.call)];
    ended.failed = tally->failed;
    ended.killed = point.outcome == "kill" && ended.failed > 0 && ended.crashed;
    ended.crashed = ended.crashed && !ended.killed;
    return ended;
}

}  // namespace amphora::fault
