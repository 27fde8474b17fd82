// Runs a fuzz target without libFuzzer: mutates a corpus, by a seed that gives the same inputs
// again.

#include "fuzz/mutation.hpp"
#include "fuzz/require.hpp"
#include "support/read_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

namespace {

constexpr const char* usage =
    "usage: amphora-fuzz-TARGET CORPUS [--inputs N] [--seconds N] [--seed S] [--first N]\n"
    "       amphora-fuzz-TARGET --file FILE\n"
    "  CORPUS     a directory of samples\n"
    "  --inputs   so many, 10000 if nothing is said\n"
    "  --seconds  at most so long\n"
    "  --seed     of the mutations; AMPHORA_SEED, or 1, if nothing is said\n"
    "  --first    the number of the first input, from 0; with --inputs 1 that input alone\n"
    "  --file     judges the bytes of a file\n"
    "An input that fails, or takes 60 seconds, is left in the file fuzz-failure-SEED-NUMBER.\n";

constexpr unsigned input_seconds_max = 60;

struct Call {
    std::string corpus;
    std::string file;
    std::uint64_t inputs = 10'000;
    std::uint64_t seconds = UINT32_MAX;
    std::uint64_t seed = 1;
    std::uint64_t first = 0;
};

// What the signal handler reads. Only the main thread writes it, between inputs.
const std::string* current_input = nullptr;
char current_name[80];

/// The target has failed or hangs: leaves the input for the next run. Calls nothing that a signal
/// handler may not call.
void leave_input(int signal) {
    const auto write_all = [](int to, const char* bytes, std::size_t size) {
        while (size > 0) {
            const ssize_t written = ::write(to, bytes, size);
            if (written <= 0) return;
            bytes += written;
            size -= static_cast<std::size_t>(written);
        }
    };
    if (current_input != nullptr) {
        const std::string_view said =
            signal == SIGALRM ? "fuzz: the input does not end: " : "fuzz: the input fails: ";
        write_all(STDERR_FILENO, said.data(), said.size());
        write_all(STDERR_FILENO, current_name, std::char_traits<char>::length(current_name));
        write_all(STDERR_FILENO, "\n", 1);
        const int file = ::creat(current_name, 0644);
        if (file >= 0) write_all(file, current_input->data(), current_input->size());
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal == SIGALRM ? SIGABRT : signal);
}

bool parse(int count, char** words, Call& call) {
    if (const char* seed = std::getenv("AMPHORA_SEED")) {
        call.seed = std::strtoull(seed, nullptr, 10);
    }
    for (int at = 1; at < count; ++at) {
        const std::string_view word = words[at];
        if (!word.starts_with("--")) {
            if (!call.corpus.empty()) return false;
            call.corpus = word;
            continue;
        }
        if (at + 1 == count) return false;
        const char* const value = words[++at];
        char* end = nullptr;
        const std::uint64_t number = std::strtoull(value, &end, 10);
        if (word == "--file") {
            call.file = value;
            continue;
        }
        if (*value == '\0' || *end != '\0') return false;
        if (word == "--inputs") {
            call.inputs = number;
        } else if (word == "--seconds") {
            call.seconds = number;
        } else if (word == "--seed") {
            call.seed = number;
        } else if (word == "--first") {
            call.first = number;
        } else {
            return false;
        }
    }
    return call.corpus.empty() != call.file.empty();
}

void judge(const std::string& input) {
    current_input = &input;
    ::alarm(input_seconds_max);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    current_input = nullptr;
}

int run(const Call& call) {
    if (!call.file.empty()) {
        judge(amphora::support::read_file(call.file));
        std::printf("fuzz: %s is judged as it should be\n", call.file.c_str());
        return 0;
    }
    const amphora::fuzz::Mutation mutation{call.corpus, call.seed};
    const auto started = std::chrono::steady_clock::now();
    const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    };
    std::uint64_t done = 0;
    for (; done < call.inputs; ++done) {
        if (done % 64 == 0 && seconds() >= static_cast<double>(call.seconds)) break;
        const std::uint64_t number = call.first + done;
        std::snprintf(current_name, sizeof current_name, "fuzz-failure-%llu-%llu",
                      static_cast<unsigned long long>(call.seed),
                      static_cast<unsigned long long>(number));
        judge(mutation.input(number));
    }
    std::printf("fuzz: %llu inputs of %zu samples, seed %llu, 0 failed, in %.0f s\n",
                static_cast<unsigned long long>(done), mutation.samples(),
                static_cast<unsigned long long>(call.seed), seconds());
    return 0;
}

}  // namespace

int main(int count, char** words) {
    Call call;
    if (!parse(count, words, call)) {
        std::fputs(usage, stderr);
        return 2;
    }
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM}) {
        std::signal(signal, leave_input);
    }
    try {
        return run(call);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fuzz: %s\n", error.what());
        std::abort();
    }
}
