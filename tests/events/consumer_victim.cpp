// The program that the consumers' kill test kills: it inserts visits, and counts each with a consumer
// whose handler sometimes throws. It says each visit that was acknowledged: "visit 17".
//
//   consumer_victim PATH FIRST-ID SEED
//
// With the seed "deadly" it only runs the consumer, and the handler ends the process when it gets the
// visit with that id. It says "done" when every visit is counted.

#include "events/counting.hpp"

#include <amphora/amphora.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

#include <unistd.h>

namespace amphora::market {
namespace {

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

}  // namespace
}  // namespace amphora::market

int main(int count, char** words) {
    if (count != 4) return 2;
    try {
        if (std::string{words[3]} == "deadly") {
            amphora::market::work_until_death(words[1], std::stoll(words[2]));
            return 0;
        }
        amphora::market::work(words[1], std::stoll(words[2]), std::stoull(words[3]));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    return 1;
}
