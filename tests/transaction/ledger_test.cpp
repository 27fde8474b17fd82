#include "support/engine_vessel.hpp"
#include "support/random.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace amphora::transaction {
namespace {

using support::EngineVessel;
using support::find;

constexpr int accounts = 12;
constexpr std::int64_t money = 1000;  // in each account of each tree at the beginning

std::string account(std::uint64_t number) {
    return "account/" + std::to_string(number % accounts);
}

std::int64_t balance(const Reading& reading, TreeId tree, Bytes key) {
    return std::stoll(find(reading, tree, key).value_or("-1000000"));
}

/// Everything wrong with what one reader sees; empty if nothing is.
std::string audit(const Reading& reading) {
    std::int64_t sum = 0;
    int found = 0;
    for (const TreeId tree : trees_all) {
        const auto cursor = reading.cursor(tree, "account/", "account0");
        for (cursor->seek_first(); cursor->valid(); cursor->next(), ++found) {
            sum += std::stoll(std::string{cursor->value()});
        }
    }
    if (found != 2 * accounts) return "accounts: " + std::to_string(found);
    if (sum != 2 * accounts * money) return "money: " + std::to_string(sum);
    const auto row = find(reading, TreeId::relational, "last");
    const auto doc = find(reading, TreeId::documents, "last");
    if (row != doc) return "row says " + row.value_or("-") + ", document " + doc.value_or("-");
    if (const auto expected = std::to_string(number(reading.commit_seen().sequence));
        row != expected) {
        return "commit " + expected + " shows " + row.value_or("-");
    }
    // Each commit moves the receipt: exactly one exists, in the tree of its turn.
    int receipts = 0;
    for (const TreeId tree : trees_all) {
        const auto cursor = reading.cursor(tree, "receipt/", "receipt0");
        for (cursor->seek_last(); cursor->valid(); cursor->previous()) ++receipts;
    }
    return receipts == 1 ? "" : "receipts: " + std::to_string(receipts);
}

/// Money moves between accounts in both stores, and every move replaces the receipt of the one
/// before, while relays deliver as fast as they can. Every snapshot, at any moment, shows every
/// cent, one receipt, and in both stores the same last move; and never less than what was
/// acknowledged before it was taken.
TEST(LedgerTest, EverySnapshotShowsBothStoresAsOfOneCommit) {
    auto options = support::Vessel::quiet();
    options.seal_bytes = 1500;
    options.seal_age_ms = 1;
    options.batch_bytes_max = 0;
    options.journal_bytes_max = 200'000;
    EngineVessel vessel{options};
    std::atomic<unsigned> views{0};
    for (auto* const tree : {&vessel.vessel.relational, &vessel.vessel.documents}) {
        tree->when_viewed([&] {
            if (++views % 4 == 0) std::this_thread::yield();
            if (views % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds{200});
        });
    }
    {
        auto writing = vessel.begin();
        for (const TreeId tree : trees_all) {
            for (int i = 0; i < accounts; ++i) {
                writing->put(tree, account(i), std::to_string(money));
            }
            writing->put(tree, "last", "1");
        }
        writing->put(TreeId::relational, "receipt/1", "opening");
        vessel.engine->commit(std::move(writing));
    }

    const support::Random seed;
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> acknowledged{1};
    std::atomic<std::uint64_t> audits{0};
    std::mutex mutex;
    std::string wrong;
    const auto complain = [&](const std::string& what) {
        if (what.empty()) return;
        const std::lock_guard lock{mutex};
        if (wrong.empty()) wrong = what;
        stop = true;
    };
    const auto write = [&](std::uint64_t seed_of_thread) {
        support::Random random{seed_of_thread};
        while (!stop) {
            auto writing =
                vessel.begin(random.once_in(3) ? Durability::written : Durability::synced);
            complain(random.once_in(8) ? audit(*writing) : "");
            const TreeId from = random.once_in(2) ? TreeId::relational : TreeId::documents;
            const TreeId to = random.once_in(2) ? TreeId::relational : TreeId::documents;
            const std::string source = account(random());
            const std::string target = account(random());
            const auto amount = static_cast<std::int64_t>(random() % 50);
            writing->put(from, source, std::to_string(balance(*writing, from, source) - amount));
            writing->put(to, target, std::to_string(balance(*writing, to, target) + amount));
            const std::uint64_t before = number(writing->commit_seen().sequence);
            const std::string last = std::to_string(before + 1);
            for (const TreeId tree : trees_all) {
                writing->put(tree, "last", last);
                writing->erase(tree, "receipt/" + std::to_string(before));
            }
            writing->put(random.once_in(2) ? TreeId::relational : TreeId::documents,
                         "receipt/" + last, "moved");
            if (random.once_in(10)) {
                vessel.engine->rollback(std::move(writing));
                continue;
            }
            const Commit commit = vessel.engine->commit(std::move(writing));
            std::uint64_t seen = acknowledged;
            while (seen < number(commit.sequence) &&
                   !acknowledged.compare_exchange_weak(seen, number(commit.sequence))) {
            }
        }
    };
    const auto read = [&](std::uint64_t seed_of_thread) {
        support::Random random{seed_of_thread};
        std::shared_ptr<const Reading> kept;
        while (!stop) {
            const std::uint64_t before = acknowledged;
            const auto snapshot = vessel.engine->snapshot();
            if (number(snapshot->commit_seen().sequence) < before) {
                complain("a commit was acknowledged before and is not seen");
            }
            complain(audit(*snapshot));
            ++audits;
            if (random.once_in(40)) {
                if (kept) complain(audit(*kept));
                kept = snapshot;
            }
        }
    };
    std::vector<std::thread> threads;
    for (std::uint64_t i = 0; i < 2; ++i) {
        threads.emplace_back(write, seed.seed() + i);
        threads.emplace_back(read, seed.seed() + 100 + i);
    }
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::milliseconds{2500 * support::test_scale()};
    while (!stop && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    stop = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, "") << seed.seed_text();
    EXPECT_GT(audits, 100u);
    EXPECT_GT(vessel.vessel.relational.applies(), 50u);
    EXPECT_GT(vessel.vessel.documents.applies(), 50u);

    // And what is delivered in the end is the same again.
    vessel.vessel.deliver_all();
    EXPECT_EQ(audit(*vessel.engine->snapshot()), "");
    RecordProperty("commits", static_cast<int>(acknowledged));
    RecordProperty("audits", static_cast<int>(audits));
}

}  // namespace
}  // namespace amphora::transaction
