#include "tree/tree_fixture.hpp"
#include "tree/victim_process.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace amphora::tree::testing {
namespace {

using ::testing::IsEmpty;

class LmdbLimits : public ::testing::Test {
  protected:
    void open(OpenMode mode, std::uint64_t map_bytes, std::uint32_t readers = 100) {
        lmdb::LmdbOptions options = small_lmdb();
        options.map_bytes = map_bytes;
        options.readers_max = readers;
        options.reserve_bytes = map_bytes / 8;
        tree.reset();
        tree = lmdb::open_lmdb(directory(), identity_of(7), mode, options);
    }
    void deliver(const Batch& batch) {
        apply(*tree, batch, sequence + 1);
        ++sequence;
        batch.fold_into(model);
    }
    Batch rows(int count) {
        Batch batch;
        for (int i = 0; i < count; ++i) {
            batch.put(key_in(16, std::to_string(dice.roll())), Buffer(500, 'r'));
        }
        return batch;
    }
    [[nodiscard]] std::string directory() const { return scratch / "tree"; }

    ScratchDirectory scratch;
    std::unique_ptr<Tree> tree;
    Dice dice{17};
    std::uint64_t sequence = 0;
    Model model;
};

/// A full map refuses even removals (a commit copies pages), so inserts stop while there is room
/// for them: a caller that asks `room_for` first can still remove everything, and then insert
/// again.
TEST_F(LmdbLimits, ReserveOfTheMapLetsRemovalsThrough) {
    open(OpenMode::create, 4 << 20);
    const auto asks = [&] { return tree->room_for({.bytes = 50 * 510, .keys = 50}, 0); };
    while (asks() == Tree::Room::enough) {
        deliver(rows(50));
        ASSERT_LT(sequence, 1000u) << "the map never became full";
    }
    EXPECT_EQ(asks(), Tree::Room::removals_only);
    EXPECT_GT(model.size(), 1000u) << "most of the map was used";
    while (!model.empty()) {
        Batch removals;
        for (int i = 0; const auto& [key, value] : Model(model)) {
            removals.erase(key);
            if (++i == 50) break;
        }
        ASSERT_NE(tree->room_for({.bytes = 50 * 16, .keys = 50}, 0), Tree::Room::none);
        deliver(removals);
    }
    EXPECT_THAT(contents(*tree->view()), IsEmpty());
    deliver(Batch());
    deliver(Batch());
    EXPECT_EQ(asks(), Tree::Room::enough);
    deliver(rows(50));
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_THAT(check(*tree), IsEmpty());
}

/// A caller that does not ask gets a named error, nothing has changed, and a larger map holds
/// everything.
TEST_F(LmdbLimits, FullMapChangesNothing) {
    open(OpenMode::create, 4 << 20);
    std::optional<ErrorCode> error;
    while (!error && sequence < 1000) error = code_of([&] { deliver(rows(100)); });
    EXPECT_EQ(error, ErrorCode::disk_full);
    EXPECT_EQ(tree->delivered(), mark_at(sequence));
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_NE(tree->statistics().health, "ok");
    EXPECT_EQ(code_of([&] { deliver(rows(100)); }), ErrorCode::disk_full);
    EXPECT_THAT(check(*tree), IsEmpty());

    open(OpenMode::read_write, 64 << 20);
    EXPECT_EQ(contents(*tree->view()), model);
    for (int i = 0; i < 20; ++i) deliver(rows(100));
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_EQ(tree->statistics().health, "ok");
}

/// Pages that a view still shows do not count as free.
TEST_F(LmdbLimits, PinnedPagesAreNotCountedAsFree) {
    open(OpenMode::create, 32 << 20);
    for (int i = 0; i < 20; ++i) deliver(rows(200));
    auto pin = tree->view();
    Batch removals;
    for (const auto& [key, value] : Model(model)) removals.erase(key);
    deliver(removals);
    deliver(Batch());
    deliver(Batch());
    const std::uint64_t pinned = tree->statistics().bytes_free;
    EXPECT_EQ(tree->statistics().readers, 1u);
    pin.reset();
    deliver(Batch());
    EXPECT_GT(tree->statistics().bytes_free, pinned + (1 << 20));
}

/// All reader slots are taken: deliveries continue, a new view is refused by name, and there is one
/// again as soon as one is destroyed.
TEST_F(LmdbLimits, DeliveriesContinueWithoutReaderSlots) {
    open(OpenMode::create, 16 << 20, 5);  // one is the tree's own
    std::vector<std::shared_ptr<const ReadView>> held;
    for (int i = 0; i < 4; ++i) {
        deliver(rows(3));
        held.push_back(tree->view());
    }
    deliver(rows(3));
    EXPECT_EQ(code_of([&] { held.push_back(tree->view()); }), ErrorCode::too_many_snapshots);
    deliver(rows(3));
    EXPECT_EQ(tree->delivered(), mark_at(sequence));
    held.pop_back();
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_EQ(tree->statistics().readers, 3u);
}

/// A process that was killed does not free its reader slots; they are found when they are needed.
TEST_F(LmdbLimits, SlotsOfKilledReadersAreFreed) {
    open(OpenMode::create, 16 << 20, 8);
    const auto own = tree->view();
    {
        VictimProcess victim({"read", directory()});
        std::string answer;
        while (answer != "full") {
            deliver(rows(3));
            victim.write_line();
            answer = victim.read_line();
            ASSERT_THAT(answer, ::testing::AnyOf("full", "viewing " + std::to_string(sequence)));
        }
        EXPECT_GT(sequence, 2u);
        const auto last = tree->view();  // has the slot that the tree took for its last delivery
        deliver(rows(3));
        EXPECT_EQ(code_of([&] { static_cast<void>(tree->view()); }), ErrorCode::too_many_snapshots);
        victim.kill();
    }
    EXPECT_EQ(contents(*tree->view()), model);
}

/// Another process reads while this one writes: its views follow the deliveries, and are exact.
TEST_F(LmdbLimits, AnotherProcessFollows) {
    open(OpenMode::create, 16 << 20);
    deliver(rows(3));
    VictimProcess looker({"read", directory()});
    for (int i = 0; i < 20; ++i) {
        deliver(rows(3));
        looker.write_line();
        ASSERT_EQ(looker.read_line(), "viewing " + std::to_string(sequence));
    }
}

/// An interrupted creation leaves a file that has no commit.
TEST_F(LmdbLimits, InterruptedCreationStartsOver) {
    std::filesystem::create_directory(directory());
    for (const std::size_t bytes : {0u, 100u, 8192u}) {  // of nothing but zeros
        std::ofstream(directory() + "/data.mdb", std::ios::binary | std::ios::trunc)
            << std::string(bytes, '\0');
        open(OpenMode::create, 16 << 20);
        EXPECT_EQ(tree->delivered(), Mark{});
        tree.reset();
    }
}

/// If nothing can be written, not even the lock file, the tree is read without a lock.
TEST_F(LmdbLimits, ReadsFromAReadOnlyFileSystem) {
    SmallDisk disk("8m");
    if (!disk.mounted()) GTEST_SKIP() << "mounting a small tmpfs needs root";
    lmdb::LmdbOptions options = small_lmdb();
    options.map_bytes = 64 << 20;
    const std::string place = disk.path() + "/tree";
    tree = lmdb::open_lmdb(place, identity_of(7), OpenMode::create, options);
    deliver(rows(30));
    tree.reset();
    ASSERT_EQ(::mount("tmpfs", disk.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=8m"), 0);
    EXPECT_EQ(code_of([&] {
                  tree = lmdb::open_lmdb(place, identity_of(7), OpenMode::read_write, options);
              }),
              ErrorCode::io_error);
    tree = lmdb::open_lmdb(place, identity_of(7), OpenMode::read_only, options);
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_THAT(check(*tree), IsEmpty());
    tree.reset();
}

}  // namespace
}  // namespace amphora::tree::testing
