// The process with little memory of the case larger_than_memory.
//
//   amphora-soak-large DIRECTORY MB
//
// Waits for the end of its input. Then fills a database with this many megabytes of rows and
// documents, reads and changes some of them at random, closes, opens and reads all of it. Prints
// its measurements as a line, or "x" and what did not hold.

#include "soak/cases/people.hpp"
#include "soak/usage.hpp"
#include "workload/dice.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace {

using namespace amphora;
using namespace amphora::soak;

constexpr std::int64_t batch = 50;
constexpr std::size_t text_bytes = 4000;
constexpr int touches = 2000;

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Text that does not compress, made from its number.
std::string text_of(std::int64_t id, std::int64_t version) {
    return workload::filler(static_cast<std::uint64_t>(id * 1'000 + version), text_bytes);
}

void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error{what};
}

std::int64_t fill(Database& db, std::uint64_t bytes) {
    std::int64_t id = 0;
    while (bytes_on_disk(db.path()) < bytes) {
        for (int times = 0; times < 20; ++times) {
            db.write([&](Transaction& tx) {
                for (const std::int64_t end = id + batch; id < end; ++id) {
                    tx.insert(people, person(id));
                    tx.insert(notes, note(id, text_of(id, 0)));
                }
            });
        }
    }
    return id;
}

void look_at(const Reader& reader, std::int64_t id) {
    const auto row = reader.find(people, {id});
    require(row.has_value(), "a row is missing");
    const auto document = reader.find(notes, Id{id});
    require(document && document->field("text")->as_text() ==
                            text_of(id, (*row)["visits"].as<std::int64_t>()),
            "a document is not that of its row");
}

void touch(Database& db, std::int64_t count) {
    workload::Dice dice{20'260'131};
    for (int times = 0; times < touches; ++times) {
        const auto id = static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(count)));
        if (!dice.once_in(4)) {
            look_at(db.snapshot(), id);
            continue;
        }
        db.write([&](Transaction& tx) {
            const std::int64_t visits = (*tx.find(people, {id}))["visits"].as<std::int64_t>() + 1;
            tx.put(people, person(id, visits));
            tx.put(notes, note(id, text_of(id, visits)));
        });
    }
}

void work(const std::string& directory, std::uint64_t megabytes) {
    Options options;
    options.profile = Profile::edge;
    std::int64_t count = 0;
    {
        Database db = Database::open(directory, people_schema, options);
        auto start = std::chrono::steady_clock::now();
        count = fill(db, megabytes << 20);
        const double filled = seconds_since(start);
        start = std::chrono::steady_clock::now();
        touch(db, count);
        fmt::print(
            "{} rows and documents in {:.0f} s, {} MiB on disk; {} looks and changes all over "
            "them, {:.0f}/s\n",
            count, filled, bytes_on_disk(directory) >> 20, touches, touches / seconds_since(start));
        db.close();
    }
    Database db = Database::open(directory, people_schema, options);
    const Snapshot now = db.snapshot();
    for (std::int64_t id = 0; id < count; ++id) look_at(now, id);
    require(count_of(now.scan(people)) == static_cast<std::uint64_t>(count), "rows too many");
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) {
        std::fprintf(stderr, "amphora-soak-large DIRECTORY MB\n");
        return 2;
    }
    char letter = 0;
    while (::read(STDIN_FILENO, &letter, 1) > 0) {
    }
    try {
        work(words[1], std::stoull(words[2]));
    } catch (const std::exception& error) {
        fmt::print("x {}\n", error.what());
        return 1;
    }
    return 0;
}
