// The program that works while the soak run watches.
//
//   amphora-soak-worker DIRECTORY SEED WRITERS READERS PULSE-MS edge|desktop
//
// Works until a line or the end of its input. See worker.hpp for what it says.

#include "crash/voice.hpp"
#include "soak/worker.hpp"

#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

using amphora::crash::give_up;
using amphora::crash::say;

void wait_for_line() {
    char letter = 0;
    while (::read(STDIN_FILENO, &letter, 1) > 0 && letter != '\n') {
    }
}

/// glibc keeps freed memory: an arena for each of up to 8 threads a core, each with up to 64 MiB at
/// its end. Of 88 MiB that a worker had after seven minutes, 70 were free (malloc_info). This
/// reaches its bound only after hours, and hides a leak until then.
void give_back_what_is_freed() {
    ::mallopt(M_ARENA_MAX, 2);
    ::mallopt(M_MMAP_THRESHOLD, 256 << 10);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

}  // namespace

int main(int count, char** words) {
    const std::vector<std::string> arguments(words + 1, words + count);
    if (arguments.empty()) {
        std::fprintf(stderr, "amphora-soak-worker DIRECTORY PLAN\n");
        return 2;
    }
    give_back_what_is_freed();
    try {
        const auto plan = amphora::soak::WorkerPlan::from({arguments.begin() + 1, arguments.end()});
        amphora::Options options = plan.options();
        options.log = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
        amphora::soak::Worker worker{arguments[0], plan, options, say};
        std::jthread listener{[&] {
            wait_for_line();
            worker.stop();
        }};
        try {
            worker.work();
        } catch (const std::exception& error) {
            give_up(error.what());  // without waiting for the listener
        }
        worker.close();
    } catch (const std::exception& error) {
        give_up(error.what());
    }
    return 0;
}
