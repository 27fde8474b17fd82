// What: a hundred thousand events, each of which adds one to a row of ten thousand, by a consumer.
// Why: a consumer reads the feed and keeps its place in addition to its work, which must not cost much.
// The peer polls an outbox table without pause, and removes what it has handled in the same
// transaction. The limit does the same updates in transactions of that size, without a feed.

#include "counting.hpp"
#include "versus/place.hpp"
#include "versus/signups.hpp"
#include "versus/sqlite.hpp"
#include "versus/workload.hpp"

#include <amphora/amphora.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace amphora::versus {

namespace {

constexpr std::int64_t users = 10'000;
constexpr std::uint64_t batch = 500;

std::int64_t user_of(std::uint64_t number) {
    return static_cast<std::int64_t>(number * 0x9e3779b97f4a7c15ull % users);
}

void add_visit(Transaction& tx, std::int64_t user) {
    tx.update(counting::counters, user, [](counting::Counter& counter) { ++counter.visits; });
}

Database open_counters(const std::string& path) {
    Options options;
    options.profile = Profile::bench;
    options.memory_bytes = cache_bytes;
    options.durability = Durability::written;
    Database database = Database::open(path, counting::schema, options);
    database.write([](Transaction& tx) {
        for (std::int64_t user = 0; user < users; ++user) {
            tx.insert(counting::counters, {.user_id = user, .visits = 0});
        }
    });
    return database;
}

/// Rates until all of the work is delivered.
template <class Work>
Sample timed(Database& database, std::uint64_t count, Work work) {
    double acknowledged = 0;
    const double all = seconds_of([&] {
        acknowledged = seconds_of(work);
        database.wait(database.snapshot().commit_seen());
    });
    const auto done = static_cast<double>(count);
    return {done / all, done / acknowledged};
}

class Outbox {
  public:
    explicit Outbox(const std::string& path) : connection_{path} {
        connection_.run("PRAGMA journal_mode = WAL");
        connection_.run("PRAGMA synchronous = NORMAL");
        connection_.run("PRAGMA cache_size = -262144");
        connection_.run("CREATE TABLE counters (user_id INTEGER PRIMARY KEY, visits INTEGER)");
        connection_.run(
            "CREATE TABLE outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER)");
        connection_.run("BEGIN");
        Statement insert{connection_, "INSERT INTO counters VALUES (?, 0)"};
        for (std::int64_t user = 0; user < users; ++user) insert.bind(1, user).run();
        connection_.run("COMMIT");
    }

    void publish(std::uint64_t count) {
        connection_.run("BEGIN");
        Statement insert{connection_, "INSERT INTO outbox (user_id) VALUES (?)"};
        for (std::uint64_t number = 0; number < count; ++number) {
            insert.bind(1, user_of(number)).run();
        }
        connection_.run("COMMIT");
    }

    Sample consume(std::uint64_t count) {
        Statement poll{connection_, "SELECT number, user_id FROM outbox ORDER BY number LIMIT 500"};
        Statement update{connection_, "UPDATE counters SET visits = visits + 1 WHERE user_id = ?"};
        Statement remove{connection_, "DELETE FROM outbox WHERE number <= ?"};
        std::uint64_t done = 0;
        const double seconds = seconds_of([&] {
            std::vector<std::int64_t> handled;
            while (done < count) {
                connection_.run("BEGIN IMMEDIATE");
                handled.clear();
                std::int64_t last = 0;
                while (poll.step()) {
                    last = poll.integer(0);
                    handled.push_back(poll.integer(1));
                }
                poll.done();
                for (const std::int64_t user : handled) update.bind(1, user).run();
                remove.bind(1, last).run();
                connection_.run("COMMIT");
                done += handled.size();
            }
        });
        return {static_cast<double>(done) / seconds, 0};
    }

  private:
    using Statement = sqlite::Statement;
    sqlite::Connection connection_;
};

}  // namespace

Result consume(const Sizes& sizes) {
    const auto events =
        std::max<std::uint64_t>(2000, static_cast<std::uint64_t>(100'000 * sizes.scale));
    const Place place;
    Database ours = open_counters(place / "consumer");
    Database plain = open_counters(place / "plain");
    Outbox outbox{place / "outbox.sqlite"};

    const auto publish = [&] {
        for (std::uint64_t first = 0; first < events; first += batch) {
            ours.write([&](Transaction& tx) {
                for (std::uint64_t number = first; number < std::min(events, first + batch);
                     ++number) {
                    tx.publish("visit", {{"user_id", user_of(number)}});
                }
            });
        }
        ours.sync(ours.snapshot().commit_seen());
        ours.wait(ours.snapshot().commit_seen());
    };
    const auto handler = [](Transaction& tx, const Change& change) {
        add_visit(tx, change.payload().find("user_id")->as_int64().value());
    };
    ConsumerOptions options;
    options.batch_changes_max = batch;
    ours.consume("visits", topics("visit"), handler, options).stop();
    Result result = compare(
        "consume", "changes/s", sizes,
        [&] {
            publish();
            const Commit last = ours.snapshot().commit_seen();
            return timed(ours, events, [&] {
                const Subscription visits =
                    ours.consume("visits", topics("visit"), handler, options);
                static_cast<void>(visits.await(last));
            });
        },
        [&] {
            outbox.publish(events);
            return outbox.consume(events);
        },
        [&] {
            return timed(plain, events, [&] {
                for (std::uint64_t first = 0; first < events; first += batch) {
                    plain.write([&](Transaction& tx) {
                        for (std::uint64_t number = first; number < std::min(events, first + batch);
                             ++number) {
                            add_visit(tx, user_of(number));
                        }
                    });
                }
            });
        });
    result.note = "limit: the same updates in transactions of 500, without a feed";
    return result;
}

}  // namespace amphora::versus
