// The program that the consumers' kill test kills: it inserts visits, and counts each with a consumer
// whose handler sometimes throws. It says each visit that was acknowledged: "visit 17".
//
//   consumer_victim PATH FIRST-ID SEED
//
// With a word in place of the seed it inserts nothing, and only runs the consumer. "deadly": the
// handler ends the process when it gets the visit with that id; it says "done" when every visit is
// counted. "reading": the consumer, which has been asked to read the visits again, counts what it reads,
// slowly, and also what is inserted (as id + inserted_from) and erased (as -id), while visits from that id
// on are inserted and the first erased_to are erased; it says "done" when everything is read. "failing": the handler throws for that visit, and the next attempt is far away; it says
// "waiting" when it waits for that. "paused": the consumer is paused while that visit is prepared, and
// it says "paused" when it is prepared.

#include "events/counting.hpp"

#include <amphora/amphora.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <unistd.h>

namespace amphora::market {
namespace {

using std::chrono_literals::operator""ms;

void say(const std::string& line) {
    const std::string whole = line + "\n";
    if (::write(STDOUT_FILENO, whole.data(), whole.size()) < 0) std::_Exit(1);
}

void work(const std::string& path, std::int64_t first, std::uint64_t seed) {
    Database db = Database::open(path, counting_schema, counting_options());
    std::uint64_t random = seed;
    const Subscription counting = db.consume(
        "counting", changes(counted_visits),
        [random](Transaction& tx, const Change& change) mutable {
            count(tx, change);
            random = random * 6364136223846793005u + 1442695040888963407u;
            if ((random >> 33) % 10 == 0) throw std::runtime_error{"again"};
        },
        counting_consumer());
    for (std::int64_t id = first;; ++id) {
        const Durability durability = id % 7 == 0 ? Durability::synced : Durability::written;
        db.write(
            [&](Transaction& tx) {
                tx.insert(counted_visits, {{"_id", id}});
            },
            {.durability = durability});
        say("visit " + std::to_string(id));
    }
}

void work_until_death(const std::string& path, std::int64_t deadly) {
    Database db = Database::open(path, counting_schema, counting_options());
    ConsumerOptions options = counting_consumer();
    options.attempts_max = 3;
    const Subscription counting = db.consume(
        "counting", changes(counted_visits),
        [deadly](Transaction& tx, const Change& change) {
            count(tx, change);
            if (change.id().view().as_int64() == deadly) std::_Exit(7);
        },
        options);
    const bool is_done = counting.await(db.snapshot().commit_seen(), std::chrono::seconds{60});
    if (is_done) say("done");
    db.close();
}

void read_again(const std::string& path, std::int64_t first) {
    Database db = Database::open(path, counting_schema, counting_options());
    const Subscription counting = db.consume(
        "reading", changes(counted_visits),
        [](Transaction& tx, const Change& change) {
            const std::int64_t id = change.id().view().as_int64().value();
            const std::int64_t counted = change.kind() == ChangeKind::insert  ? id + inserted_from
                                         : change.kind() == ChangeKind::erase ? -id
                                                                              : id;
            const auto row = tx.find(counts, counted);
            const std::int64_t times = row ? (*row)["times"].as<std::int64_t>() : 0;
            tx.put(counts, Record{{"visit", counted}, {"times", times + 1}});
            std::this_thread::sleep_for(std::chrono::microseconds{300});
        },
        counting_consumer());
    for (std::int64_t id = first;; ++id) {
        db.write(
            [&](Transaction& tx) {
                tx.insert(counted_visits, {{"_id", id}});
                tx.erase(counted_visits, Id{id % erased_to + 1});
            },
            {.durability = Durability::written});
        std::this_thread::sleep_for(5ms);  // the consumer keeps up
        const ConsumerReport report = counting.report();
        if (report.reading.empty() && report.read_again.empty()) break;
    }
    if (counting.await(db.snapshot().commit_seen(), std::chrono::seconds{60})) say("done");
    db.close();
}

[[noreturn]] void await_the_kill() {
    for (;;) ::pause();
}

/// As the next opening will find it.
std::int64_t stored_attempts(const Database& db) {
    const auto row = db.snapshot().find(Table{"amphora.consumers"}, "counting");
    return row ? (*row)["attempts"].as<std::int64_t>() : 0;
}

/// What the file says that an opening after a kill reads; engine/database/consumers/in_hand.hpp.
bool is_something_in_hand(const std::string& path) {
    for (const auto& file : std::filesystem::directory_iterator{path + "/in_hand"}) {
        if (std::ifstream{file.path(), std::ios::binary}.get() == 1) return true;
    }
    return false;
}

void fail_and_wait(const std::string& path, std::int64_t failing) {
    Database db = Database::open(path, counting_schema, counting_options());
    ConsumerOptions options = counting_consumer();
    options.backoff = options.backoff_max = std::chrono::hours{1};
    const Subscription counting = db.consume(
        "counting", changes(counted_visits),
        [failing](Transaction& tx, const Change& change) {
            count(tx, change);
            if (change.id().view().as_int64() == failing) throw std::runtime_error{"later"};
        },
        options);
    while (counting.report().attempts == 0 ||
           stored_attempts(db) != std::int64_t{counting.report().attempts}) {
        std::this_thread::sleep_for(1ms);
    }
    say("waiting");
    await_the_kill();
}

void prepare_and_pause(const std::string& path, std::int64_t last) {
    Database db = Database::open(path, counting_schema, counting_options());
    std::atomic<bool> is_begun{false};
    std::atomic<bool> may_end{false};
    Subscription counting = db.consume(
        "counting", changes(counted_visits),
        [&](const Snapshot&, const Change& change) {
            if (change.id().view().as_int64() == last) {
                is_begun = true;
                while (!may_end) std::this_thread::sleep_for(1ms);
            }
            return 0;
        },
        [](Transaction& tx, const Change& change, int) { count(tx, change); }, counting_consumer());
    while (!is_begun) std::this_thread::sleep_for(1ms);
    counting.pause();
    may_end = true;
    for (int i = 0; i < 1000 && is_something_in_hand(path); ++i) std::this_thread::sleep_for(1ms);
    say("paused");
    await_the_kill();
}

}  // namespace
}  // namespace amphora::market

int main(int count, char** words) {
    if (count != 4) return 2;
    try {
        const std::string how = words[3];
        const std::int64_t visit = std::stoll(words[2]);
        if (how == "deadly") return amphora::market::work_until_death(words[1], visit), 0;
        if (how == "reading") return amphora::market::read_again(words[1], visit), 0;
        if (how == "failing") amphora::market::fail_and_wait(words[1], visit);
        if (how == "paused") amphora::market::prepare_and_pause(words[1], visit);
        amphora::market::work(words[1], std::stoll(words[2]), std::stoull(words[3]));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    return 1;
}
