#include "base/file.hpp"
#include "journal/journal.hpp"
#include "outbox/outbox.hpp"
#include "support/engine_vessel.hpp"
#include "support/random.hpp"
#include "support/scratch_directory.hpp"
#include "transaction/engine.hpp"
#include "tree/lmdb/lmdb_tree.hpp"
#include "tree/rocks/rocks_tree.hpp"

#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace amphora::transaction {
namespace {

using support::code_of;
using support::content_of;
using support::find;

/// The real journal, LMDB and RocksDB in a directory of their own, wired as the database wires
/// them.
class RealVessel {
  public:
    RealVessel() {
        std::filesystem::create_directory(directory_ / "journal");
        journal::Journal::create(operating_system_files(), directory_ / "journal", identity_);
        open(tree::OpenMode::create);
    }
    ~RealVessel() { close_parts(); }

    void open(tree::OpenMode mode = tree::OpenMode::read_write) {
        lmdb::LmdbOptions lmdb_options;
        lmdb_options.map_bytes = 1ull << 30;
        rows = lmdb::open_lmdb(directory_ / "rows", identity_, mode, lmdb_options);
        docs = rocks::open_rocks(directory_ / "docs", identity_, mode,
                                 rocks::rocks_profile(rocks::RocksProfile::edge));
        const std::array marks{rows->delivered(), docs->delivered()};
        journal::JournalOptions journal_options;
        journal_options.segment_bytes = 1u << 20;
        journal_options.reserve_bytes = 1u << 20;
        journal =
            journal::Journal::open(operating_system_files(), directory_ / "journal", identity_,
                                   marks, journal::Journal::Mode::read_write, journal_options);
        outbox::OutboxOptions options;
        options.seal_bytes = 200'000;
        options.seal_age_ms = 20;
        options.journal_bytes_max = 48u << 20;  // a busy disk must not look like a stalled store
        options.hold_idle_ms = 200;
        outbox = std::make_unique<outbox::Outbox>(*journal, *rows, *docs, options, Log{});
        engine = std::make_unique<Engine>(*outbox, EngineOptions{});
        outbox->recover();
    }
    /// As an application ends that closes its database.
    void close() {
        outbox->close();
        engine.reset();
        outbox.reset();
        journal->close();
        close_parts();
    }
    /// As one that forgets to: nothing is delivered, held or marked any more.
    void close_parts() {
        engine.reset();
        outbox.reset();
        journal.reset();
        docs.reset();
        rows.reset();
    }

    std::unique_ptr<tree::Tree> rows, docs;
    std::unique_ptr<journal::Journal> journal;
    std::unique_ptr<outbox::Outbox> outbox;
    std::unique_ptr<Engine> engine;

  private:
    support::ScratchDirectory directory_{support::Scratch::disk, "parts"};
    const Identity identity_{.database = make_uuid(), .timeline = make_uuid()};
};

std::string account(std::uint64_t number) {
    return "account/" + std::to_string(number);
}

/// Money moves between rows and documents in three threads while two read, over lives that end with
/// and without a proper close. Every snapshot holds all the money, and every life continues where
/// the last acknowledged commit left it.
TEST(RealPartsTest, KeepTheirMoneyOverReopening) {
    constexpr std::uint64_t accounts = 20;
    constexpr std::int64_t money = 100;
    const support::Random seed;
    RealVessel vessel;
    {
        auto writing = vessel.engine->begin({});
        for (const TreeId tree : trees_all) {
            for (std::uint64_t i = 0; i < accounts; ++i) {
                writing->put(tree, account(i), std::to_string(money));
            }
        }
        vessel.engine->commit(std::move(writing));
    }
    const auto sum = [&](const Reading& reading) {
        std::int64_t total = 0;
        for (const TreeId tree : trees_all) {
            for (const auto& [key, value] : content_of(reading, tree)) {
                if (key.starts_with("account/")) total += std::stoll(value);
            }
        }
        return total;
    };
    Commit last{};
    for (int life = 0; life < 4 && !HasFailure(); ++life) {
        std::atomic<bool> stop{false};
        std::atomic<std::uint64_t> newest{0};
        std::vector<std::thread> threads;
        for (std::uint64_t i = 0; i < 3; ++i) {
            threads.emplace_back([&, i] {
                support::Random random{seed.seed() + 10 * static_cast<std::uint64_t>(life) + i};
                while (!stop) {
                    auto writing = vessel.engine->begin({.durability = random.once_in(2)
                                                                           ? Durability::written
                                                                           : Durability::synced});
                    const TreeId from = random.once_in(2) ? TreeId::relational : TreeId::documents;
                    const TreeId to = random.once_in(2) ? TreeId::relational : TreeId::documents;
                    const std::string source = account(random() % accounts);
                    const std::string target = account(random() % accounts);
                    const auto taken = std::stoll(*find(*writing, from, source)) - 1;
                    writing->put(from, source, std::to_string(taken));
                    const auto given = std::stoll(*find(*writing, to, target)) + 1;
                    writing->put(to, target, std::to_string(given));
                    writing->put(TreeId::documents, "log/" + std::to_string(random()),
                                 std::string(100, 'l'));
                    const Commit commit = vessel.engine->commit(std::move(writing));
                    std::uint64_t seen = newest;
                    while (seen < number(commit.sequence) &&
                           !newest.compare_exchange_weak(seen, number(commit.sequence))) {
                    }
                }
            });
        }
        for (int i = 0; i < 2; ++i) {
            threads.emplace_back([&] {
                while (!stop) {
                    const auto snapshot = vessel.engine->snapshot();
                    const std::int64_t total = sum(*snapshot);
                    EXPECT_EQ(total, 2 * accounts * money);
                    if (total != 2 * accounts * money) stop = true;
                }
            });
        }
        const auto end = std::chrono::steady_clock::now() +
                         std::chrono::milliseconds{700 * support::test_scale()};
        while (!stop && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
        stop = true;
        for (std::thread& thread : threads) thread.join();

        auto before = vessel.engine->snapshot();
        last = before->commit_seen();
        EXPECT_EQ(number(last.sequence), newest);
        const std::array content{content_of(*before, TreeId::relational),
                                 content_of(*before, TreeId::documents)};
        before.reset();
        if (life % 2 == 0) {
            vessel.close();
        } else {
            vessel.close_parts();
        }
        vessel.open();
        EXPECT_EQ(vessel.outbox->recovered(), last);
        const auto after = vessel.engine->snapshot();
        for (const TreeId tree : trees_all) {
            EXPECT_TRUE(content_of(*after, tree) == content[index_of(tree)])
                << to_string(tree) << " differ after reopening";
        }
        EXPECT_FALSE(code_of([&] {
                         vessel.engine->await_delivered(TreeId::documents, last, Deadline{});
                     }).has_value());
    }
    const auto statistics = vessel.outbox->statistics();
    EXPECT_GT(statistics.trees[0].progress.delivered, Sequence{100});
}

}  // namespace
}  // namespace amphora::transaction
