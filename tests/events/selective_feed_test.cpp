// Feeds and consumers that select little: the journal passes the rest without reading it.

#include "events/consumers.hpp"
#include "support/random.hpp"

#include <atomic>
#include <thread>

namespace amphora::market {
namespace {

/// What a feed with these selections must show of what a feed of everything shows.
struct Selective {
    std::vector<Selection> selections;
    bool (*takes)(const std::string& line);
};

const std::vector<Selective>& all_kinds() {
    static const std::vector<Selective> kinds{
        {{changes(visits)},
         [](const std::string& line) { return line.find(" visits ") != line.npos; }},
        {{changes(customers), topics("rare")},
         [](const std::string& line) {
             return line.find(" customers ") != line.npos || line.starts_with("event rare ");
         }},
        {{topics("orders.*")},
         [](const std::string& line) { return line.starts_with("event orders."); }},
        {{topics("nothing")}, [](const std::string&) { return false; }},
    };
    return kinds;
}

class SelectiveFeedTest : public Market {
  protected:
    Commit commit_something() {
        return db().write([&](Transaction& tx) {
            const std::uint64_t what = random_() % 100;
            if (what < 60) tx.insert(baskets, {{"customer_id", 1}});
            if (what >= 60 && what < 80) tx.publish("orders.paid", {{"number", number_++}});
            if (what >= 80 && what < 90) tx.insert(visits, {{"customer_id", number_++}});
            if (what >= 85) add_customer(tx, "Kim");
            if (what == 99) tx.publish("rare", {{"number", number_++}});
        });
    }
    support::Random random_;
    std::int64_t number_ = 0;
};

/// Whatever the feeds have passed, wherever they are opened again, and whether the journal still
/// knows what its commits are about: each shows exactly what it selects of what a feed of everything
/// shows.
TEST_F(SelectiveFeedTest, EachShowsWhatItSelects) {
    Options options = small();
    options.durability = Durability::buffered;
    options.feed_bytes_max = 1u << 30;
    open(options);
    Feed everything = from_here();
    std::vector<std::string> all;
    struct Reader {
        std::optional<Feed> feed;
        std::vector<std::string> seen;
    };
    std::vector<Reader> readers(all_kinds().size());
    for (std::size_t i = 0; i < readers.size(); ++i) {
        readers[i].feed.emplace(from_here(all_kinds()[i].selections));
    }
    constexpr int commits = 20'000;
    for (int i = 0; i < commits; ++i) {
        const Commit commit = commit_something();
        // Once, for longer than the journal remembers what its commits are about.
        const bool reads_nothing = i > 1000 && i < 18'500;
        if (random_() % 50 != 0 && i + 1 != commits) continue;
        db().sync(commit);
        if (reads_nothing && i + 1 != commits) continue;
        for (std::size_t reader = 0; reader < readers.size(); ++reader) {
            Reader& each = readers[reader];
            const std::uint64_t most = i + 1 == commits ? ~std::uint64_t{0} : random_() % 40;
            for (std::uint64_t read = 0; read < most; ++read) {
                const Change* const change = each.feed->next(0ms);
                if (change == nullptr) {
                    EXPECT_EQ(each.feed->position()->sequence(), commit.sequence);
                    break;
                }
                each.seen.push_back(line_of(*change));
            }
            if (random_() % 4 != 0) continue;
            const auto position = to_string(each.feed->position().value());
            each.feed.emplace(db().feed({.selections = all_kinds()[reader].selections,
                                         .after = FeedPosition::parse(position)}));
        }
    }
    for (Reader& reader : readers) {
        for (const std::string& line : lines_of(*reader.feed)) reader.seen.push_back(line);
    }
    for (const std::string& line : lines_of(everything)) all.push_back(line);
    for (std::size_t i = 0; i < readers.size(); ++i) {
        std::vector<std::string> expected;
        for (const std::string& line : all) {
            if (all_kinds()[i].takes(line)) expected.push_back(line);
        }
        EXPECT_EQ(readers[i].seen, expected) << i;
    }
    EXPECT_GT(readers[0].seen.size(), 100u);
}

class IdleConsumerTest : public ConsumerTest {};

/// It is not woken for what it does not select; its report and those who wait for it know that it
/// has passed it.
TEST_F(IdleConsumerTest, AnIdleConsumerIsUpToDate) {
    const Subscription idle =
        db().consume("idle", topics("nothing"), [](Transaction&, const Change&) { FAIL(); });
    for (int id = 1; id <= 20; ++id) {
        const Commit commit = visit(id);
        db().sync(commit);
        if (id % 5 == 0) {
            ASSERT_TRUE(idle.await(commit, 20s));
        }
    }
    const Commit last = visit(21);
    db().sync(last);
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (idle.report().position.sequence() < last.sequence) {
        ASSERT_LT(std::chrono::steady_clock::now(), until);
        std::this_thread::sleep_for(1ms);
    }
}

/// Threads wait for an idle consumer while others commit: each hears of its commit, which becomes
/// durable only while they wait.
TEST_F(IdleConsumerTest, ManyWaitForAnIdleConsumer) {
    Options options = small();
    options.durability = Durability::written;
    options.sync_interval_ms = 2;
    open(options);
    const Subscription idle =
        db().consume("idle", topics("nothing"), [](Transaction&, const Change&) { FAIL(); });
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 25; ++i) {
                ASSERT_TRUE(idle.await(visit(100 * thread + i), 20s));
            }
        });
    }
}

}  // namespace
}  // namespace amphora::market
