#include "tree/tree_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <thread>

namespace amphora::tree::testing {
namespace {

/// How long a tree may take to heal when there is room again, on a machine that does other things.
constexpr std::chrono::seconds patience{60};

/// A small file system that others fill. Only root can mount one.
class TreeOnFullDisk : public ::testing::TestWithParam<Kind> {
  protected:
    void SetUp() override {
        if (!disk.mounted()) GTEST_SKIP() << "mounting a small tmpfs needs root";
        tree = open_tree(GetParam(), directory(), OpenMode::create);
        for (int i = 0; i < 20; ++i) deliver(big_batch());
        tree->hold();
    }
    /// A failed delivery is not noted in the model: it must leave no trace.
    void deliver(const Batch& batch) {
        apply(*tree, batch, sequence + 1);
        ++sequence;
        batch.fold_into(model);
        history.push_back(model);
    }
    Batch big_batch() {
        Batch batch;
        for (int i = 0; i < 100; ++i) {
            Buffer value(1000, '\0');
            for (char& byte : value) byte = static_cast<char>(dice.roll());  // not to be compressed
            batch.put(key_in(16, std::to_string(dice.roll())), value);
        }
        return batch;
    }
    void remove_all() {
        Batch removals;
        for (const auto& [key, value] : Model(model)) removals.erase(key);
        deliver(removals);
        tree->compact();
    }
    void deliver_until_full() {
        disk.fill();
        for (int i = 0; i < 1000; ++i) {
            const auto error = code_of([&] { deliver(big_batch()); });
            if (!error) continue;
            ASSERT_EQ(error, ErrorCode::disk_full);
            return;
        }
        FAIL() << "the disk never became full";
    }
    /// Tries again later, as the relay does.
    void deliver_with_patience(const Batch& batch) {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (code_of([&] { deliver(batch); }) == ErrorCode::disk_full) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << "does not heal";
            std::this_thread::yield();
        }
    }
    void hold_with_patience() {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (code_of([&] { tree->hold(); }) == ErrorCode::disk_full) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << "does not heal";
            std::this_thread::yield();
        }
    }
    [[nodiscard]] std::string directory() const { return disk.path() + "/tree"; }

    SmallDisk disk{"24m"};
    std::unique_ptr<Tree> tree;
    Dice dice{11};
    std::uint64_t sequence = 0;
    Model model;
    std::vector<Model> history{Model{}};  ///< by sequence
};
AMPHORA_FOR_BOTH_TREES(TreeOnFullDisk);

/// LMDB has its reserve within its file.
class LmdbOnFullDisk : public TreeOnFullDisk {};
INSTANTIATE_TEST_SUITE_P(Reserve, LmdbOnFullDisk, ::testing::Values(Kind::lmdb), kind_name);

/// RocksDB must write later what it has taken.
class RocksOnFullDisk : public TreeOnFullDisk {};
INSTANTIATE_TEST_SUITE_P(Flushes, RocksOnFullDisk, ::testing::Values(Kind::rocks), kind_name);

/// Deliveries end in a named error that changes nothing; reads continue. When there is room again
/// everything continues by itself, and nothing is missing later.
TEST_P(TreeOnFullDisk, RefusesByNameAndHealsByItself) {
    deliver_until_full();
    EXPECT_EQ(tree->delivered(), mark_at(sequence));
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_NE(tree->statistics().health, "ok");
    EXPECT_NE(tree->room_for({.bytes = 1 << 20, .keys = 1000}, 0), Tree::Room::enough);

    disk.make_room();
    deliver_with_patience(big_batch());
    EXPECT_EQ(tree->statistics().health, "ok");
    deliver_with_patience(big_batch());
    hold_with_patience();
    EXPECT_EQ(tree->held(), mark_at(sequence)) << "hold returned before it was true";
    EXPECT_EQ(contents(*tree->view()), model);
    tree.reset();
    tree = open_tree(GetParam(), directory(), OpenMode::read_write);
    EXPECT_EQ(tree->delivered(), mark_at(sequence));
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_THAT(check(*tree), ::testing::IsEmpty());
}

/// The tree is closed and opened while the disk is full. The process survives, and the contents are
/// a prefix of the deliveries, no shorter than what was held.
TEST_P(TreeOnFullDisk, SurvivesClosingAndOpening) {
    const std::uint64_t held = number(tree->held().sequence);
    deliver_until_full();
    tree.reset();
    const auto error =
        code_of([&] { tree = open_tree(GetParam(), directory(), OpenMode::read_write); });
    if (error) {
        EXPECT_EQ(error, ErrorCode::disk_full);
        disk.make_room();
        tree = open_tree(GetParam(), directory(), OpenMode::read_write);
    }
    const std::uint64_t survived = number(tree->delivered().sequence);
    EXPECT_GE(survived, held);
    ASSERT_LE(survived, sequence);
    EXPECT_EQ(contents(*tree->view()), history[survived]);
}

/// The reserve is for removals: on a disk that others have filled, LMDB can still remove entries.
TEST_P(LmdbOnFullDisk, TakesRemovalsFromTheReserve) {
    disk.fill();
    EXPECT_EQ(tree->room_for({.bytes = 4 << 20, .keys = 4000}, 0), Tree::Room::none);
    EXPECT_EQ(tree->room_for({.keys = 60}, 0), Tree::Room::removals_only);
    Batch removals;
    for (int i = 0; const auto& [key, value] : Model(model)) {
        removals.erase(key);
        if (++i == 60) break;
    }
    deliver(removals);
    EXPECT_EQ(contents(*tree->view()), model);
}

/// RocksDB recovers badly from a flush that failed. So nothing is taken that could not be flushed.
/// On a disk that others have filled, deliveries end when the reserve is used up, nothing fails in
/// the background, and the first delivery succeeds when there is room again.
TEST_P(RocksOnFullDisk, TakesOnlyWhatItCanFlush) {
    tree->compact();  // nothing is left to do in the background
    disk.fill();
    std::optional<ErrorCode> error;
    for (int times = 0; times < 100 && !error; ++times) {
        error = code_of([&] { deliver(big_batch()); });
    }
    EXPECT_EQ(error, ErrorCode::disk_full);
    EXPECT_EQ(tree->statistics().health, "the disk is too full to deliver");
    disk.make_room();
    deliver(big_batch());
    EXPECT_EQ(tree->statistics().health, "ok");
    EXPECT_EQ(contents(*tree->view()), model);
}

/// On a disk that others have filled, removals have only the reserve, and no compaction has room
/// for a copy of all entries. A compaction needs room only for the entries that remain. So
/// everything can be removed in the end, and the space of removed entries is given back.
TEST_P(RocksOnFullDisk, GivesBackWhatWasRemoved) {
    tree->compact();  // nothing is left to do in the background
    const std::uint64_t data = tree->statistics().bytes_on_disk;
    disk.fill();
    const std::vector<std::string> keys = [&] {
        std::vector<std::string> all;
        for (const auto& [key, value] : model) all.push_back(key);
        return all;
    }();
    constexpr std::size_t group = 5;
    for (std::size_t at = 0; at < keys.size(); at += group) {
        Batch removals;
        for (std::size_t each = at; each < std::min(keys.size(), at + group); ++each) {
            removals.erase(keys[each]);
        }
        ASSERT_NO_THROW(deliver(removals)) << at << " of " << keys.size() << " are removed";
        ASSERT_NO_THROW(tree->hold()) << at << " of " << keys.size() << " are removed";
    }
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_EQ(tree->statistics().health, "ok");
    EXPECT_GT(disk.free_bytes(), data / 2);
    for (int i = 0; i < 10; ++i) deliver(big_batch());
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_THAT(check(*tree), ::testing::IsEmpty());
}

/// A view still shows removed entries, so no compaction can give back their space, and deliveries
/// are refused. When the view is released, no delivery can notice that; the tree is asked to
/// reclaim.
TEST_P(RocksOnFullDisk, ReclaimsWhenAViewIsLetGo) {
    tree->compact();  // nothing is left to do in the background
    disk.fill();
    auto view = tree->view();
    const Model before = model;
    Batch most;
    std::vector<std::string> others;
    for (const auto& [key, value] : before) {
        if (others.size() == 200) {
            most.erase(key);
        } else {
            others.push_back(key);
        }
    }
    deliver(most);
    std::optional<ErrorCode> error;
    Batch again;  // removing what is already removed uses room, too
    for (const std::string& key : others) again.erase(key);
    for (int i = 0; i < 100 && !error; ++i) {
        error = code_of([&] {
            deliver(again);
            tree->hold();
        });
        disk.fill();
    }
    ASSERT_EQ(error, ErrorCode::disk_full) << model.size() << " are left";
    EXPECT_EQ(tree->statistics().health, "the disk is too full to deliver");
    EXPECT_EQ(contents(*view), before);
    view.reset();
    ASSERT_EQ(tree->room_for({.keys = 1}, 0), Tree::Room::none);
    const auto end = std::chrono::steady_clock::now() + patience;
    while (tree->room_for({.keys = 1}, 0) == Tree::Room::none) {
        ASSERT_LT(std::chrono::steady_clock::now(), end) << "does not heal";
        tree->reclaim();
        std::this_thread::yield();
    }
    deliver_with_patience(again);
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_EQ(tree->statistics().health, "ok");
}

/// A flush fails while a delivery waits for it, and RocksDB recovers. From then on it calls every
/// flush done before it is; `hold` trusts only the contents of table files.
TEST_P(RocksOnFullDisk, HoldsWhatItSaysAfterAFailedFlush) {
    tree.reset();
    rocks::RocksOptions options = restless_rocks();
    std::mutex others;
    bool others_write = true;
    options.log = [&](const std::string& line) {
        const std::lock_guard lock{others};
        if (others_write && line.find("waiting for flush") != std::string::npos) disk.fill();
    };
    tree = rocks::open_rocks(directory(), identity_of(7), OpenMode::read_write, options);
    const auto flush_failed = [&] {
        return tree->statistics().health.find("No space left") != std::string::npos;
    };
    for (int i = 0; i < 1000 && !flush_failed(); ++i) {
        const auto error = code_of([&] {
            deliver(big_batch());
            if (model.size() >= 3000) remove_all();  // the tree itself must not fill the disk
        });
        if (!error) continue;
        ASSERT_EQ(error, ErrorCode::disk_full);
        if (!flush_failed()) disk.make_room();  // refused before anything was to be flushed
    }
    ASSERT_TRUE(flush_failed());

    {
        const std::lock_guard lock{others};
        others_write = false;
    }
    disk.make_room();
    deliver_with_patience(big_batch());
    for (int i = 0; i < 10; ++i) {
        deliver_with_patience(big_batch());
        hold_with_patience();
        ASSERT_EQ(tree->held(), mark_at(sequence)) << "hold returned before it was true";
    }
}

/// Others fill the disk and empty it again while deliveries continue, so that some flushes and
/// compactions fail half-way. Each delivery happens or is refused by name. Afterwards the tree
/// continues by itself, or says that it must be reopened. Nothing that was held is lost.
TEST_P(TreeOnFullDisk, OutlivesADiskThatFillsAndEmpties) {
    std::atomic<bool> stop{false};
    std::thread others([&] {
        while (!stop) {
            disk.fill();
            disk.make_room();
        }
    });
    std::uint64_t held = 0;
    int refused = 0;
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds(700) * scale_from_environment();
    while (std::chrono::steady_clock::now() < end) {
        const auto error = code_of([&] {
            deliver(big_batch());
            tree->hold();
            ASSERT_EQ(tree->held(), tree->delivered()) << "hold returned before it was true";
        });
        if (error) {
            ++refused;
            EXPECT_THAT(*error, ::testing::AnyOf(ErrorCode::disk_full, ErrorCode::io_error,
                                                 ErrorCode::needs_reopen));
        }
        held = number(tree->held().sequence);
        ASSERT_EQ(contents(*tree->view()).size(), model.size());
        // Keep it small: the tree itself must not fill the disk.
        if (model.size() >= 3000) code_of([&] { remove_all(); });
    }
    stop = true;
    others.join();
    RecordProperty("refused", refused);
    disk.make_room();
    const auto end_of_patience = std::chrono::steady_clock::now() + patience;
    for (bool delivered = false; !delivered;) {
        ASSERT_LT(std::chrono::steady_clock::now(), end_of_patience) << "does not heal";
        const auto error = code_of([&] { deliver(big_batch()); });
        delivered = !error;
        if (error != ErrorCode::needs_reopen) continue;
        EXPECT_NE(tree->statistics().health, "ok");
        tree.reset();
        tree = open_tree(GetParam(), directory(), OpenMode::read_write);
        sequence = number(tree->delivered().sequence);
        ASSERT_GE(sequence, held);
        model = history.at(sequence);
        history.resize(sequence + 1);
    }
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_THAT(check(*tree), ::testing::IsEmpty());
}

/// Writing fails for another reason than a full disk (here: a limit on the size of files). RocksDB
/// cannot recover from that. The error says what to do, and it helps.
TEST_P(TreeOnFullDisk, SaysWhenItHasToBeReopened) {
    const std::uint64_t held = number(tree->held().sequence);
    struct sigaction ignore {};
    struct sigaction before {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGXFSZ, &ignore, &before);
    rlimit unlimited{};
    ::getrlimit(RLIMIT_FSIZE, &unlimited);
    const rlimit small{.rlim_cur = 8192, .rlim_max = unlimited.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    std::optional<ErrorCode> error;
    std::string message;
    const auto end = std::chrono::steady_clock::now() + patience;
    while (message.find("open it again") == std::string::npos &&
           std::chrono::steady_clock::now() < end) {
        try {
            deliver(big_batch());
            tree->hold();
        } catch (const Error& refused) {
            error = refused.code();
            message = refused.what();
            if (GetParam() == Kind::lmdb) {
                break;  // LMDB has undone all of it, and needs no reopening
            }
        }
    }
    ::setrlimit(RLIMIT_FSIZE, &unlimited);
    ::sigaction(SIGXFSZ, &before, nullptr);

    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_NE(tree->statistics().health, "ok");
    if (GetParam() == Kind::lmdb) {
        EXPECT_EQ(error, ErrorCode::disk_full);
        deliver(big_batch());
        EXPECT_EQ(contents(*tree->view()), model);
        return;
    }
    EXPECT_EQ(error, ErrorCode::needs_reopen);
    EXPECT_THAT(message, ::testing::HasSubstr("open it again"));
    tree.reset();
    tree = open_tree(GetParam(), directory(), OpenMode::read_write);
    sequence = number(tree->delivered().sequence);
    ASSERT_GE(sequence, held);
    model = history.at(sequence);
    EXPECT_EQ(contents(*tree->view()), model);
    deliver(big_batch());
    tree->hold();
    EXPECT_EQ(contents(*tree->view()), model);
}

}  // namespace
}  // namespace amphora::tree::testing
