#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace amphora::tree::testing {

/// tree_victim, started with pipes as its input and output. If it is still running at the end, it
/// is killed.
class VictimProcess {
  public:
    explicit VictimProcess(std::vector<std::string> arguments) {
        int to_victim[2];
        int from_victim[2];
        if (::pipe2(to_victim, O_CLOEXEC) != 0 || ::pipe2(from_victim, O_CLOEXEC) != 0) {
            std::abort();
        }
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, to_victim[0], STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, from_victim[1], STDOUT_FILENO);
        arguments.insert(arguments.begin(), TREE_VICTIM);
        std::vector<char*> words;
        for (std::string& argument : arguments) words.push_back(argument.data());
        words.push_back(nullptr);
        if (::posix_spawn(&process_, TREE_VICTIM, &actions, nullptr, words.data(), environ) != 0) {
            std::abort();
        }
        posix_spawn_file_actions_destroy(&actions);
        ::close(to_victim[0]);
        ::close(from_victim[1]);
        input_ = to_victim[1];
        output_ = ::fdopen(from_victim[0], "r");
    }
    ~VictimProcess() {
        kill();
        ::close(input_);
        std::fclose(output_);
    }
    VictimProcess(const VictimProcess&) = delete;
    VictimProcess& operator=(const VictimProcess&) = delete;

    /// Empty at the end of the output.
    std::string read_line() {
        std::string line;
        for (int c = std::fgetc(output_); c != EOF && c != '\n'; c = std::fgetc(output_)) {
            line += static_cast<char>(c);
        }
        return line;
    }
    void write_line() {
        if (::write(input_, "\n", 1) != 1) std::abort();
    }
    void kill() {
        if (process_ == 0) return;
        ::kill(process_, SIGKILL);
        int status = 0;
        ::waitpid(process_, &status, 0);
        died_of_kill_ = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        process_ = 0;
    }
    /// False if it had ended by itself.
    [[nodiscard]] bool died_of_kill() const { return died_of_kill_; }

  private:
    pid_t process_ = 0;
    int input_ = -1;
    std::FILE* output_ = nullptr;
    bool died_of_kill_ = false;
};

}  // namespace amphora::tree::testing
