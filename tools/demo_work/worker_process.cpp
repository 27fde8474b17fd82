#include "demo_work/worker_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace amphora::demo {

namespace {

std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::system_error{errno, std::generic_category(), "making a pipe"};
    }
    return ends;
}

}  // namespace

WorkerProcess::WorkerProcess(const std::string& program, const std::string& directory,
                             std::uint64_t run, std::uint64_t seed) {
    const auto steps = make_pipe();
    const auto stop = make_pipe();
    const std::string run_text = std::to_string(run);
    const std::string seed_text = std::to_string(seed);
    pid_ = ::fork();
    if (pid_ < 0) throw std::system_error{errno, std::generic_category(), "starting the worker"};
    if (pid_ == 0) {
        // Between fork and exec only calls that are safe there. Descriptors 3 and 4 are the
        // worker's ends.
        if (::dup2(steps[1], 203) < 0 || ::dup2(stop[0], 204) < 0 || ::dup2(203, 3) < 0 ||
            ::dup2(204, 4) < 0) {
            ::_exit(127);
        }
        ::close(203);
        ::close(204);
        const char* arguments[] = {program.c_str(),  "--worker",        directory.c_str(),
                                   run_text.c_str(), seed_text.c_str(), nullptr};
        ::execv(program.c_str(), const_cast<char* const*>(arguments));
        ::_exit(127);
    }
    ::close(steps[1]);
    ::close(stop[0]);
    steps_ = steps[0];
    stop_ = stop[1];
}

WorkerProcess::~WorkerProcess() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        wait();
    }
    if (stop_ >= 0) ::close(stop_);
    ::close(steps_);
}

bool WorkerProcess::read_more() {
    std::array<char, 16384> chunk;
    ssize_t bytes = 0;
    do {
        bytes = ::read(steps_, chunk.data(), chunk.size());
    } while (bytes < 0 && errno == EINTR);
    if (bytes <= 0) return false;
    buffer_.append(chunk.data(), static_cast<std::size_t>(bytes));
    return true;
}

bool WorkerProcess::next_line(std::string& line) {
    const std::size_t end = buffer_.find('\n');
    if (end == std::string::npos) return false;
    line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return true;
}

bool WorkerProcess::listen(const std::function<bool(const Step&)>& heard) {
    std::string line;
    for (;;) {
        while (next_line(line)) {
            const auto step = from_line(line);
            if (step && !heard(*step)) return true;
        }
        if (!read_more()) return false;
    }
}

void WorkerProcess::drain(const std::function<void(const Step&)>& heard) {
    static_cast<void>(listen([&](const Step& step) {
        heard(step);
        return true;
    }));
}

int WorkerProcess::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void WorkerProcess::kill(const std::function<void(const Step&)>& heard) {
    ::kill(pid_, SIGKILL);
    drain(heard);
    wait();
}

int WorkerProcess::finish(const std::function<void(const Step&)>& heard) {
    ::close(stop_);
    stop_ = -1;
    drain(heard);
    return wait();
}

}  // namespace amphora::demo
