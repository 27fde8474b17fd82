// What: opening a database that was closed, and one that was killed with as much undelivered as its
// profile allows.
// Why: the start of an application waits for the first, and the start after a crash for the second.
// Reads and writes must be served within a second, while the delivery continues.
//
//   amphora-opening [--rounds N]
//
// Every opening is in a new process, which reports its own times: until the database was open,
// until the first commit was acknowledged, and until both trees had everything. The directories are
// made below AMPHORA_BENCH_DIR.

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace amphora;
using std::chrono::steady_clock;

const Schema schema{"opening", R"sql(
CREATE TABLE people (
    person_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    name      VARCHAR(40) NOT NULL,
    email     VARCHAR(60) UNIQUE NOT NULL
);
CREATE COLLECTION logs (person_id BIGINT REFERENCES people (person_id) ON DELETE CASCADE);
CREATE INDEX logs_by_person ON logs (person_id);
)sql"};
constexpr Table people{"people"};
constexpr Collection logs{"logs"};

double ms_since(steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(steady_clock::now() - start).count();
}

void sign_up(Database& database, std::uint64_t number, Durability durability) {
    // Scattered, as real addresses are.
    const std::string email = std::to_string(number * 0x9e3779b97f4a7c15ull) + "@example.com";
    database.write(
        [&](Transaction& tx) {
            const Record person = tx.insert(
                people, Record{{"name", "Person " + std::to_string(number)}, {"email", email}});
            tx.insert(logs, {{"person_id", person["person_id"].as<std::int64_t>()},
                             {"event", "signup"},
                             {"source", "benchmark"}});
        },
        {.durability = durability});
}

std::uint64_t pending_bytes(const Database& database) {
    std::uint64_t most = 0;
    for (const TreeReport& tree : database.statistics().trees) {
        most = std::max(most, tree.pending_bytes);
    }
    return most;
}

/// A child's part: so many sign-ups, then it closes the database.
void fill(const std::string& directory, std::uint64_t count) {
    Database database = Database::open(directory, schema);
    for (std::uint64_t number = 0; number < count; ++number) {
        sign_up(database, number, Durability::buffered);
    }
    database.close();
}

/// A child's part: commits until as much is pending as the desktop profile admits, with nothing
/// delivered, and dies.
void fill_pending(const std::string& directory) {
    constexpr std::uint64_t bound = 256ull << 20;
    Options options;
    options.seal_age_ms = 3'600'000;
    options.seal_bytes = bound;
    options.pending_bytes_max = 4 * bound;
    options.journal_bytes_max = 4ull << 30;
    Database database = Database::open(directory, schema, options);
    for (std::uint64_t number = 1'000'000;; ++number) {
        sign_up(database, number, Durability::written);
        if (number % 1000 == 0 && pending_bytes(database) >= bound - (bound >> 5)) break;
    }
    std::_Exit(0);
}

/// A child's part: opens, writes, waits for delivery and says what it took.
void open_once(const std::string& directory) {
    const auto start = steady_clock::now();
    Database database = Database::open(directory, schema);
    const double open = ms_since(start);
    sign_up(database, static_cast<std::uint64_t>(::getpid()) << 32, Durability::synced);
    const double served = ms_since(start);
    const std::uint64_t pending = pending_bytes(database);
    const RecoveryReport recovery = database.statistics().recovery;
    database.wait(database.snapshot().commit_seen());
    const double delivered = ms_since(start);
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    fmt::print(
        "open {:7.1f} ms, first commit {:7.1f} ms, delivered {:7.0f} ms, {:>7} commits "
        "replayed, {:>4} MiB pending then, at most {:>4} MiB resident\n",
        open, served, delivered, recovery.commits_replayed, pending >> 20, usage.ru_maxrss >> 10);
    std::fflush(stdout);
    database.close();
}

int in_child(const char* program, const std::vector<std::string>& words) {
    const pid_t child = ::fork();
    if (child == 0) {
        std::vector<char*> pointers{const_cast<char*>(program)};
        for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
        pointers.push_back(nullptr);
        ::execv("/proc/self/exe", pointers.data());
        std::_Exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

}  // namespace

int main(int count, char** words) {
    const std::vector<std::string> arguments(words + 1, words + count);
    const auto is = [&](const char* what) { return !arguments.empty() && arguments[0] == what; };
    try {
        if (is("fill")) return fill(arguments.at(1), std::stoull(arguments.at(2))), 0;
        if (is("fill-pending")) return fill_pending(arguments.at(1)), 0;
        if (is("open")) return open_once(arguments.at(1)), 0;

        const int rounds = is("--rounds") ? std::stoi(arguments.at(1)) : 3;
        namespace fs = std::filesystem;
        const char* const place = std::getenv("AMPHORA_BENCH_DIR");
        const std::string folder = std::string{place == nullptr ? "." : place} + "/opening";
        fs::remove_all(folder);
        fs::create_directories(folder);
        for (const auto& [name, people_count] :
             {std::pair{"empty", 0}, std::pair{"100,000 people", 100'000}}) {
            const std::string directory = fmt::format("{}/closed-{}", folder, people_count);
            in_child(words[0], {"fill", directory, std::to_string(people_count)});
            fmt::print("closed, {}\n", name);
            std::fflush(stdout);
            for (int round = 0; round < rounds; ++round) in_child(words[0], {"open", directory});
        }
        in_child(words[0], {"fill-pending", folder + "/killed"});
        fmt::print("killed, with all that may be pending\n");
        std::fflush(stdout);
        for (int round = 0; round < rounds; ++round) {
            const std::string copy = folder + "/copy";
            fs::remove_all(copy);
            fs::copy(folder + "/killed", copy, fs::copy_options::recursive);
            ::sync();  // the copy's bytes must not burden the opening
            in_child(words[0], {"open", copy});
        }
        fs::remove_all(folder);
    } catch (const std::exception& error) {
        fmt::print(stderr, "amphora-opening: {}\n", error.what());
        return 1;
    }
    return 0;
}
