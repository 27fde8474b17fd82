#include "tree/tree_fixture.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <thread>

namespace amphora::tree::testing {
namespace {

class TreeConcurrency : public TreeTest {};
AMPHORA_FOR_BOTH_TREES(TreeConcurrency);

constexpr int witnesses = 12;

Buffer witness(int i) {
    return key_in(static_cast<std::uint32_t>(16 + i), "witness");
}

/// Every delivery writes its own number under twelve keys that are far apart, and changes many keys
/// between them. So a view that mixes two deliveries, or names another mark than it shows, is
/// noticed.
Batch delivery(std::uint64_t seed, std::uint64_t sequence) {
    Batch batch = random_batch(seed, sequence, 20);
    for (int i = 0; i < witnesses; ++i) batch.put(witness(i), std::to_string(sequence));
    return batch;
}

std::string first_lie(const ReadView& view) {
    const std::string expected = std::to_string(number(view.mark().sequence));
    Buffer room;
    for (int i = 0; i < witnesses; ++i) {
        const auto found = view.find(witness(i), room);
        if (!found || *found != expected) {
            return "mark " + expected + ", found " + Buffer(found.value_or("nothing"));
        }
    }
    const auto cursor = view.cursor();
    int met = 0;
    for (cursor->seek_before({}); cursor->valid(); cursor->previous()) {
        if (!cursor->key().ends_with("witness")) continue;
        ++met;
        if (cursor->value() != expected) return "walking: mark " + expected;
    }
    return met == witnesses ? "" : "walking: a witness is missing";
}

/// One thread delivers, and four read: two as fast as they can, two that read an idle tree at
/// random moments of the next delivery, when a view must be made during a commit. Some views are
/// shared and held over many deliveries, and must not change.
TEST_P(TreeConcurrency, ViewsAreExactWhileDeliveriesContinue) {
    create();
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE("AMPHORA_SEED=" + std::to_string(seed));
    apply(*tree, delivery(seed, 1), 1);

    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> begun{1};
    std::mutex mutex;
    std::string lie;
    const auto report = [&](const std::string& what) {
        if (what.empty()) return;
        const std::lock_guard lock{mutex};
        lie = what;
        stop = true;
    };
    const auto shared = tree->view();
    const auto eager = [&] {
        std::vector<std::shared_ptr<const ReadView>> held;
        while (!stop) {
            held.push_back(tree->view());
            report(first_lie(*held.back()));
            if (held.size() < 40) continue;
            for (const auto& view : held) report(first_lie(*view));
            report(first_lie(*shared));
            held.clear();
        }
    };
    const auto seldom = [&](std::uint64_t its_seed) {
        Dice dice(its_seed);
        std::uint64_t seen = begun;
        while (!stop) {
            while (begun == seen && !stop) std::this_thread::yield();
            seen = begun;
            const auto moment =
                std::chrono::steady_clock::now() + std::chrono::microseconds(dice.below(1500));
            while (std::chrono::steady_clock::now() < moment) {
            }
            report(first_lie(*tree->view()));
        }
    };

    // In the first half only the two occasional readers run, so that they find a tree without a
    // view.
    const auto deliver_for = [&](std::chrono::milliseconds time, std::uint64_t& sequence) {
        const auto end = std::chrono::steady_clock::now() + time * scale_from_environment();
        while (std::chrono::steady_clock::now() < end && !stop) {
            begun = ++sequence;
            apply(*tree, delivery(seed, sequence), sequence);
        }
    };
    std::uint64_t sequence = 1;
    {
        std::vector<std::jthread> readers;
        readers.emplace_back(seldom, seed + 1);
        deliver_for(std::chrono::milliseconds(450), sequence);
        readers.emplace_back(seldom, seed + 2);
        readers.emplace_back(eager);
        readers.emplace_back(eager);
        deliver_for(std::chrono::milliseconds(450), sequence);
        stop = true;
    }
    EXPECT_EQ(lie, "");
    EXPECT_GT(sequence, 20u);
    EXPECT_EQ(first_lie(*shared), "");
    EXPECT_EQ(tree->view()->mark(), mark_at(sequence));
}

/// Readers have taken all slots, so no view can be kept for readers that come during the next
/// delivery: a reader that gets a slot then begins to read while a commit is being written.
TEST(LmdbConcurrency, AViewThatBeginsDuringACommitIsExact) {
    using std::chrono::steady_clock;
    const ScratchDirectory scratch;
    lmdb::LmdbOptions options = small_lmdb();
    options.readers_max = 4;
    const auto tree = lmdb::open_lmdb(scratch / "tree", identity_of(7), OpenMode::create, options);
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE("AMPHORA_SEED=" + std::to_string(seed));
    std::uint64_t sequence = 0;
    const auto deliver = [&] {
        ++sequence;
        apply(*tree, delivery(seed, sequence), sequence);
    };
    std::deque<std::shared_ptr<const ReadView>> held;
    do {
        deliver();
    } while (!code_of([&] { held.push_back(tree->view()); }) && held.size() < 100);
    ASSERT_LT(held.size(), 100u) << "there are more slots than were asked for";
    Dice dice(seed);
    for (std::uint64_t round = 0; round < 200 * scale_from_environment(); ++round) {
        const auto begin = steady_clock::now();
        deliver();  // nobody holds the newest
        const auto time = std::chrono::nanoseconds(steady_clock::now() - begin).count();
        const auto wait = std::chrono::nanoseconds(dice.below(static_cast<std::uint64_t>(time)));
        std::atomic<bool> begun{false};
        std::string lie;
        {
            const std::jthread reader([&] {
                while (!begun) std::this_thread::yield();
                for (const auto at = steady_clock::now() + wait; steady_clock::now() < at;) {
                }
                held.pop_front();
                held.push_back(tree->view());
                lie = first_lie(*held.back());
            });
            begun = true;
            deliver();
        }
        ASSERT_EQ(lie, "");
    }
}

/// One view is used by several threads at once, each with its own cursor.
TEST_P(TreeConcurrency, OneViewServesManyThreads) {
    create();
    Model model;
    for (std::uint64_t sequence = 1; sequence <= 30; ++sequence) {
        const Batch batch = random_batch(4, sequence, 300);
        apply(*tree, batch, sequence);
        batch.fold_into(model);
    }
    const auto view = tree->view();
    std::atomic<int> wrong{0};
    {
        std::vector<std::jthread> readers;
        for (int i = 0; i < 4; ++i) {
            readers.emplace_back([&] {
                Buffer room;
                for (int round = 0; round < 3; ++round) {
                    for (const auto& [key, value] : model) {
                        if (view->find(key, room) != std::optional<Bytes>(value)) ++wrong;
                    }
                    if (contents(*view) != model) ++wrong;
                }
            });
        }
        for (std::uint64_t sequence = 31; sequence <= 60; ++sequence) {
            apply(*tree, random_batch(4, sequence, 300), sequence);
        }
    }
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace amphora::tree::testing
