#include "tree/foreign.hpp"
#include "tree/tree_fixture.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <deque>
#include <thread>

namespace amphora::tree::testing {
namespace {

using ::testing::IsEmpty;

constexpr int keys = 400;

Buffer key_of(int i) {
    return key_in(static_cast<std::uint32_t>(16 + i % 3), "key " + std::to_string(i * 7919));
}

/// What a delivery gives every key. Every twentieth value is on overflow pages.
Buffer value_of(int i, std::uint64_t sequence) {
    return std::to_string(sequence) + Buffer(i % 20 == 0 ? 5000 : 40, '.');
}

/// Changes every value, and so every leaf.
Batch delivery(std::uint64_t sequence) {
    Batch batch;
    for (int i = 0; i < keys; ++i) batch.put(key_of(i), value_of(i, sequence));
    return batch;
}

/// Reads a view in every way. Returns what does not fit its mark; empty: nothing.
std::string first_lie(const ReadView& view) {
    const std::uint64_t sequence = number(view.mark().sequence);
    Buffer room;
    for (int i = 0; i < keys; i += 7) {
        const auto found = view.find(key_of(i), room);
        if (!found || *found != value_of(i, sequence)) {
            return "at " + std::to_string(sequence) + ": found " +
                   Buffer(found.value_or("nothing"));
        }
    }
    const Model all = contents(view);
    for (int i = 0; i < keys; ++i) {
        const auto found = all.find(key_of(i));
        if (found == all.end() || found->second != value_of(i, sequence)) {
            return "walking at " + std::to_string(sequence) + ": a wrong entry";
        }
    }
    if (all.size() != keys) return "walking at " + std::to_string(sequence) + ": too many entries";
    const auto cursor = view.cursor();
    auto expected = all.rbegin();
    for (cursor->seek_before({}); cursor->valid(); cursor->previous(), ++expected) {
        if (expected == all.rend() || cursor->value() != expected->second) return "walking back";
    }
    return expected == all.rend() ? "" : "walking back: entries are missing";
}

class ForeignLive : public ::testing::Test {
  protected:
    ForeignLive() {
        owner = open_tree(Kind::lmdb, directory(), OpenMode::create);
        deliver();
    }
    void deliver() {
        ++sequence;
        apply(*owner, delivery(sequence), sequence);
    }
    /// Another thread may deliver from now on.
    void reopen() {
        owner.reset();
        owner = open_tree(Kind::lmdb, directory(), OpenMode::read_write);
    }
    [[nodiscard]] std::string directory() const { return scratch / "tree"; }

    ScratchDirectory scratch;
    std::unique_ptr<Tree> owner;
    std::uint64_t sequence = 0;
};

/// The validity ends at every reading once, and at that moment the pages are reused: the copy that
/// was just made is still right, and every later one is not. Nothing of a later one is ever used:
/// no reader sees a wrong entry or calls the file damaged.
class ForeignExpiry : public ForeignLive {
  protected:
    /// `use` returns what it saw wrong.
    void end_at_every_reading(const std::function<std::string(lmdb::ForeignTree&)>& use) {
        bool has_ended = true;
        for (int last = 1; has_ended; ++last) {
            ASSERT_LT(last, 1000);
            const auto tree = lmdb::open_foreign(directory(), identity_of(7), {.cache_bytes = 0});
            int readings = 0;
            const auto reuse = [&] {
                if (++readings > last) expire();
                for (int i = 0; i < 4 && readings == last; ++i) deliver();
            };
            const auto code = code_of([&] {
                tree->show(tree->take(asking(reuse)));
                EXPECT_EQ(use(*tree), "") << "reading " << last;
            });
            has_ended = code.has_value();
            if (has_ended) {
                ASSERT_EQ(code, ErrorCode::snapshot_expired) << "reading " << last;
            }
        }
    }
};

TEST_F(ForeignExpiry, NoReaderUsesAPageThatWasReused) {
    end_at_every_reading([](lmdb::ForeignTree& tree) { return first_lie(*tree.view()); });
}

TEST_F(ForeignExpiry, NoCheckUsesAPageThatWasReused) {
    end_at_every_reading([](lmdb::ForeignTree& tree) {
        static_cast<void>(tree.statistics());
        CollectedFindings findings;
        const auto report = [&] { return findings.all.empty() ? "" : findings.all.front(); };
        try {
            tree.check(findings);
        } catch (const Error&) {
            EXPECT_EQ(report(), "");
            throw;
        }
        return report();
    });
}

TEST_F(ForeignExpiry, NoCopyHoldsAPageThatWasReused) {
    // More than one piece of a copy.
    apply(*owner, Batch().put(key_in(19, "large"), Buffer(3 << 20, 'l')), ++sequence);
    apply(*owner, Batch().erase(key_in(19, "large")), ++sequence);
    int copies = 0;
    end_at_every_reading([&](lmdb::ForeignTree& tree) {
        const std::string target = scratch / ("copy" + std::to_string(++copies));
        tree.copy_to(target, [](std::uint64_t) {});
        const auto copy = open_tree(Kind::lmdb, target, OpenMode::read_write);
        EXPECT_THAT(check(*copy), IsEmpty());
        EXPECT_EQ(copy->delivered(), tree.delivered());
        return first_lie(*copy->view());
    });
    EXPECT_GT(copies, 3);
}

/// One thread delivers as fast as it can. While the owner holds a view, all views from its number
/// on are exact, for as long as it is held.
TEST_F(ForeignLive, ViewsAreExactWhileTheOwnerHoldsAnOlderOne) {
    reopen();
    std::atomic<bool> stop{false};
    std::jthread writer{[&] {
        while (!stop) deliver();
    }};
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds(500) * scale_from_environment();
    const auto tree = lmdb::open_foreign(directory(), identity_of(7));
    std::uint64_t looks = 0;
    std::string lie;
    while (lie.empty() && std::chrono::steady_clock::now() < end) {
        const auto pin = owner->view();
        std::deque<std::shared_ptr<const lmdb::ForeignView>> views;
        for (int i = 0; i < 5 && lie.empty(); ++i, ++looks) {
            views.push_back(tree->take(always()));
            ASSERT_GE(views.back()->version(), pin->version());
            lie = first_lie(*views.back());
        }
        for (const auto& view : views) lie += first_lie(*view);
    }
    stop = true;
    writer.join();
    EXPECT_EQ(lie, "");
    EXPECT_GT(looks, 0u);
}

/// Nobody holds anything, and the writer reuses pages as soon as LMDB allows it: in the third
/// transaction after the view. A reader either reads the view exactly or is told that it has ended.
TEST_F(ForeignLive, WithoutAHeldViewAReaderIsRightOrIsToldSo) {
    reopen();
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> begun{owner->view()->version()};
    std::jthread writer{[&] {
        while (!stop) {
            begun = owner->view()->version() + 1;
            deliver();
        }
    }};
    const auto validity_of = [&](std::uint64_t version) {
        return std::make_shared<const AskedValidity>([&begun, version] {
            if (begun > version + 2) expire();
        });
    };
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds(700) * scale_from_environment();
    const auto tree = lmdb::open_foreign(directory(), identity_of(7));
    std::string lie;
    while (lie.empty() && std::chrono::steady_clock::now() < end) {
        const auto code = code_of([&] { lie = first_lie(*tree->take(validity_of)); });
        if (code && code != ErrorCode::snapshot_expired) lie = to_string(*code);
    }
    stop = true;
    writer.join();
    EXPECT_EQ(lie, "");
    EXPECT_EQ(first_lie(*tree->take(validity_of)), "");
}

/// Threads share a view and its few branch pages. There is not room for all of those.
TEST_F(ForeignLive, ThreadsShareAView) {
    Model model;
    Batch batch;
    for (int i = 0; i < 20'000; ++i) batch.put(key_in(40, std::to_string(i * 31)), value_of(1, 1));
    apply(*owner, batch, ++sequence);
    batch.fold_into(model);
    for (const std::size_t cache_bytes : {8u * 4096u, 1u << 20}) {
        const auto tree = look_at(directory(), always(), {.cache_bytes = cache_bytes});
        std::atomic<int> wrong{0};
        {
            std::vector<std::jthread> readers;
            for (std::uint64_t reader = 0; reader < 4; ++reader) {
                readers.emplace_back([&, reader] {
                    Dice dice(reader);
                    const auto view = tree->view();
                    const auto cursor = view->cursor();
                    Buffer room;
                    for (int step = 0; step < 1500; ++step) {
                        const Buffer key = key_in(40, std::to_string(dice.below(20'000) * 31));
                        if (view->find(key, room) != model.find(key)->second) ++wrong;
                        cursor->seek(key);
                        if (!cursor->valid() || cursor->key() != key) ++wrong;
                    }
                });
            }
        }
        EXPECT_EQ(wrong, 0);
        EXPECT_GT(tree->statistics().bytes_memory, 0u);
        EXPECT_LE(tree->statistics().bytes_memory, cache_bytes);
    }
}

}  // namespace
}  // namespace amphora::tree::testing
