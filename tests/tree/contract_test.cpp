#include "support/descriptors_of_sanitizers.hpp"
#include "support/no_more_files.hpp"
#include "tree/tree_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace amphora::tree::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TreeContract : public TreeTest {};
AMPHORA_FOR_BOTH_TREES(TreeContract);

Buffer find(const Tree& tree, const std::shared_ptr<const ReadView>& view, Bytes key) {
    static_cast<void>(tree);
    Buffer scratch;
    return Buffer(view->find(key, scratch).value_or("(absent)"));
}

/// A new tree is empty, at sequence 0, also after it was closed and opened again.
TEST_P(TreeContract, BeginsEmptyAtSequenceZero) {
    create();
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(tree->delivered(), Mark{});
        EXPECT_EQ(tree->held(), Mark{});
        EXPECT_EQ(tree->view()->mark(), Mark{});
        EXPECT_THAT(contents(*tree->view()), IsEmpty());
        EXPECT_THAT(check(*tree), IsEmpty());
        reopen();
    }
}

/// Compares random batches with a plain map. After each batch, all entries are equal: by find, by
/// walking up and down, by seeking to and before existing keys, and to and before missing keys.
TEST_P(TreeContract, HoldsWhatAPlainMapHolds) {
    create();
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE("AMPHORA_SEED=" + std::to_string(seed));
    Model model;
    Dice dice(seed);
    const std::uint64_t rounds = 40 * scale_from_environment();
    for (std::uint64_t sequence = 1; sequence <= rounds; ++sequence) {
        const Batch batch = random_batch(seed, sequence, 200);
        apply(*tree, batch, sequence);
        batch.fold_into(model);
        if (dice.below(15) == 0) reopen();

        const auto view = tree->view();
        ASSERT_EQ(view->mark(), mark_at(sequence));
        ASSERT_EQ(contents(*view), model);
        const auto cursor = view->cursor();
        auto expected = model.rbegin();
        for (cursor->seek_before({}); cursor->valid(); cursor->previous(), ++expected) {
            ASSERT_EQ(cursor->key(), expected->first);
            ASSERT_EQ(cursor->value(), expected->second);
        }
        ASSERT_EQ(expected, model.rend());
        for (int probe = 0; probe < 100; ++probe) {
            const Buffer key = key_in(static_cast<std::uint32_t>(15 + dice.below(5)),
                                      std::to_string(dice.below(3000)));
            Buffer room;
            const auto found = view->find(key, room);
            const auto in_model = model.find(key);
            ASSERT_EQ(found.has_value(), in_model != model.end());
            if (found) {
                ASSERT_EQ(*found, in_model->second);
            }

            const auto at_or_after = model.lower_bound(key);
            cursor->seek(key);
            ASSERT_EQ(cursor->valid(), at_or_after != model.end());
            if (cursor->valid()) {
                ASSERT_EQ(cursor->key(), at_or_after->first);
                cursor->previous();
                ASSERT_EQ(cursor->valid(), at_or_after != model.begin());
                if (cursor->valid()) {
                    ASSERT_EQ(cursor->key(), std::prev(at_or_after)->first);
                }
            }
            cursor->seek_before(key);
            ASSERT_EQ(cursor->valid(), at_or_after != model.begin());
            if (cursor->valid()) {
                ASSERT_EQ(cursor->key(), std::prev(at_or_after)->first);
                cursor->next();
                ASSERT_EQ(cursor->valid(), at_or_after != model.end());
            }
        }
    }
    EXPECT_THAT(check(*tree), IsEmpty());
    reopen();
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_THAT(check(*tree), IsEmpty());
}

/// A cursor that was narrowed shows its range, whatever was delivered after its view, and can be
/// narrowed again.
TEST_P(TreeContract, ShowsTheRangeThatItIsNarrowedTo) {
    create();
    Model model;
    std::uint64_t sequence = 0;
    const auto deliver = [&](int batches) {
        for (int i = 0; i < batches; ++i) {
            const Batch batch = random_batch(5, ++sequence);
            apply(*tree, batch, sequence);
            batch.fold_into(model);
        }
    };
    deliver(60);
    const auto view = tree->view();
    const Model seen = model;
    deliver(60);
    Dice dice(7);
    const auto cursor = view->cursor(key_in(16, ""), key_in(19, ""));
    const auto some_key = [&] {
        return key_in(static_cast<std::uint32_t>(16 + dice.below(3)),
                      std::to_string(dice.below(3000)));
    };
    for (int i = 0; i < 300; ++i) {
        Buffer lower = some_key();
        Buffer upper = some_key();
        if (upper < lower) std::swap(lower, upper);
        cursor->narrow_to(lower, upper);
        EXPECT_FALSE(cursor->valid());
        const auto begin = seen.lower_bound(lower);
        const auto end = seen.lower_bound(upper);
        auto at = begin;
        for (cursor->seek(lower); cursor->valid() && cursor->key() < Bytes(upper); cursor->next()) {
            ASSERT_NE(at, end);
            ASSERT_EQ(cursor->key(), at->first);
            ASSERT_EQ(cursor->value(), at->second);
            ++at;
        }
        ASSERT_EQ(at, end);
        for (cursor->seek_before(upper); cursor->valid() && cursor->key() >= Bytes(lower);
             cursor->previous()) {
            ASSERT_NE(at, begin);
            --at;
            ASSERT_EQ(cursor->key(), at->first);
        }
        ASSERT_EQ(at, begin);
    }
    cursor->narrow_to(key_in(16, ""), key_in(19, ""));
    cursor->seek({});
    for (const auto& [key, value] : seen) {
        ASSERT_TRUE(cursor->valid());
        ASSERT_EQ(cursor->key(), key);
        cursor->next();
    }
    EXPECT_FALSE(cursor->valid());
}

/// Keys are ordered as unsigned bytes. Zero bytes, 0xFF, prefixes, long keys and empty values need
/// no special treatment.
TEST_P(TreeContract, OrdersKeysAsUnsignedBytes) {
    create();
    Batch batch;
    const std::vector<Buffer> keys{key_in(1, ""),
                                   key_in(1, Buffer(1, '\0')),
                                   key_in(1, Buffer(2, '\0')),
                                   key_in(1, "a"),
                                   key_in(1, Buffer("a\0", 2)),
                                   key_in(1, "aa"),
                                   key_in(1, "\x7f"),
                                   key_in(1, "\x80"),
                                   key_in(1, "\xff"),
                                   key_in(1, "\xff\xff"),
                                   key_in(2, ""),
                                   key_in(2, Buffer(507, 'k')),
                                   key_in(0x80000000, ""),
                                   key_in(0xFFFFFFFF, Buffer(507, '\xff'))};
    for (const Buffer& key : keys) batch.put(key, "");
    apply(*tree, batch, 1);
    std::vector<Buffer> found;
    const auto view = tree->view();
    const auto cursor = view->cursor();
    for (cursor->seek({}); cursor->valid(); cursor->next()) {
        found.emplace_back(cursor->key());
        EXPECT_EQ(cursor->value(), "");
    }
    EXPECT_EQ(found, keys);
    // Longer than any key could be.
    cursor->seek(key_in(2, Buffer(2000, 'k')));
    EXPECT_EQ(cursor->key(), keys[12]);
    cursor->seek_before(key_in(2, Buffer(2000, 'k')));
    EXPECT_EQ(cursor->key(), keys[11]);
    EXPECT_EQ(find(*tree, view, key_in(2, Buffer(2000, 'k'))), "(absent)");
    EXPECT_EQ(find(*tree, view, ""), "(absent)");
}

/// Values of all lengths, from empty to longer than any page, are returned unchanged.
TEST_P(TreeContract, KeepsValuesOfAllLengths) {
    create();
    Batch batch;
    Model model;
    for (const std::size_t length : {0u, 1u, 3u, 4u, 5u, 100u, 1300u, 2030u, 2031u, 2100u, 4095u,
                                     4096u, 4097u, 65536u, 1000000u, 9000000u}) {
        batch.put(key_in(16, std::to_string(length)), Buffer(length, 'v'));
    }
    batch.fold_into(model);
    apply(*tree, batch, 1);
    reopen();
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_THAT(check(*tree), IsEmpty());
}

/// Space 0 is the tree's own: no walk and no look-up shows it, not even in an empty tree.
TEST_P(TreeContract, NeverShowsItsOwnRecords) {
    create();
    for (const bool empty : {true, false}) {
        if (!empty) apply(*tree, Batch().put(key_in(1, ""), "first"), 1);
        const auto view = tree->view();
        const auto cursor = view->cursor();
        cursor->seek({});
        EXPECT_EQ(cursor->valid(), !empty);
        cursor->seek(key_in(0, ""));
        EXPECT_EQ(cursor->valid(), !empty);
        cursor->seek_before({});
        EXPECT_EQ(cursor->valid(), !empty);
        if (!empty) {
            EXPECT_EQ(cursor->key(), key_in(1, ""));
            cursor->previous();
            EXPECT_FALSE(cursor->valid());
            cursor->previous();
            cursor->next();
            EXPECT_FALSE(cursor->valid()) << "invalid until the next seek";
        }
        cursor->seek_before(key_in(1, ""));
        EXPECT_FALSE(cursor->valid());
        cursor->seek_before(key_in(0, "m"));
        EXPECT_FALSE(cursor->valid());
        cursor->seek_before("\1");
        EXPECT_EQ(cursor->valid(), !empty);
        EXPECT_EQ(find(*tree, view, key_in(0, "m")), "(absent)");
    }
}

/// Removing a missing key is no error, and an apply without changes moves the mark.
TEST_P(TreeContract, TakesEmptyAndVainBatches) {
    create();
    apply(*tree, Batch(), 1);
    EXPECT_EQ(tree->delivered(), mark_at(1));
    apply(*tree, Batch().erase(key_in(16, "nobody")), 2);
    EXPECT_EQ(tree->view()->mark(), mark_at(2));
    EXPECT_THAT(contents(*tree->view()), IsEmpty());
    EXPECT_THAT(check(*tree), IsEmpty());
}

/// A view shows one delivery for as long as it is held, whatever comes after it; also after the
/// tree itself is destroyed.
TEST_P(TreeContract, ViewsStayAsTheyWere) {
    create();
    std::vector<std::pair<std::shared_ptr<const ReadView>, Model>> held;
    Model model;
    for (std::uint64_t sequence = 1; sequence <= 60; ++sequence) {
        const Batch batch = random_batch(5, sequence);
        apply(*tree, batch, sequence);
        batch.fold_into(model);
        held.emplace_back(tree->view(), model);
    }
    tree.reset();
    for (std::uint64_t sequence = 1; const auto& [view, expected] : held) {
        EXPECT_EQ(view->mark(), mark_at(sequence++));
        EXPECT_EQ(contents(*view), expected);
    }
}

/// While a view outlives its tree, the files are still in use. When the view is destroyed, they can
/// be opened.
TEST_P(TreeContract, IsInUseUntilTheLastViewIsGone) {
    create();
    apply(*tree, Batch().put(key_in(16, "a"), "1"), 1);
    EXPECT_EQ(code_of([&] { open_tree(GetParam(), directory(), OpenMode::read_write); }),
              ErrorCode::in_use);
    auto view = tree->view();
    auto cursor = view->cursor();
    tree.reset();
    view.reset();
    EXPECT_EQ(code_of([&] { open_tree(GetParam(), directory(), OpenMode::read_write); }),
              ErrorCode::in_use);
    cursor->seek({});
    EXPECT_EQ(cursor->value(), "1");
    cursor.reset();
    reopen();
    EXPECT_EQ(find(*tree, tree->view(), key_in(16, "a")), "1");
}

/// Until the next delivery all readers get the same view; ten thousand of them cost nothing.
TEST_P(TreeContract, GivesOneViewPerDelivery) {
    create();
    apply(*tree, Batch().put(key_in(16, "a"), "1"), 1);
    std::vector<std::shared_ptr<const ReadView>> views;
    for (int i = 0; i < 10000; ++i) views.push_back(tree->view());
    EXPECT_EQ(views.front(), views.back());
    EXPECT_EQ(tree->statistics().readers, 1u);
    apply(*tree, Batch().put(key_in(16, "a"), "2"), 2);
    EXPECT_NE(tree->view(), views.back());
    views.clear();
    EXPECT_EQ(tree->statistics().readers, 0u);
    // And views of as many deliveries, each destroyed before the next.
    for (std::uint64_t sequence = 3; sequence < 300; ++sequence) {
        apply(*tree, Batch().put(key_in(16, "a"), std::to_string(sequence)), sequence);
        for (int i = 0; i < 30; ++i) ASSERT_EQ(tree->view()->mark(), mark_at(sequence));
    }
    EXPECT_EQ(tree->statistics().readers, 0u);
}

TEST_P(TreeContract, HoldMakesTheDeliveredMarkHeld) {
    create();
    for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
        apply(*tree, random_batch(9, sequence), sequence);
        EXPECT_LE(tree->held().sequence, tree->delivered().sequence);
        if (sequence % 5 == 0) {
            tree->hold();
            EXPECT_EQ(tree->held(), mark_at(sequence));
        }
    }
    reopen();
    EXPECT_EQ(tree->held(), mark_at(20));
}

/// A tree of another database, or of another timeline of this one, is refused by name and not
/// changed. So is making a new tree over one that has contents.
TEST_P(TreeContract, RefusesAForeignTree) {
    create();
    apply(*tree, Batch().put(key_in(16, "a"), "1"), 1);
    tree.reset();
    for (const OpenMode mode : {OpenMode::read_write, OpenMode::read_only}) {
        for (const Identity& other : {identity_of(8, 1), identity_of(7, 2)}) {
            EXPECT_EQ(code_of([&] { open_tree(GetParam(), directory(), mode, other); }),
                      ErrorCode::foreign_piece);
        }
    }
    EXPECT_EQ(code_of([&] { create(); }), ErrorCode::foreign_piece);
    reopen();
    EXPECT_EQ(find(*tree, tree->view(), key_in(16, "a")), "1");
}

/// If a creation was interrupted before anything was delivered, it starts again, with its new
/// identity.
TEST_P(TreeContract, CreatesOverAnEmptyTree) {
    create();
    tree.reset();
    tree = open_tree(GetParam(), directory(), OpenMode::create, identity_of(9));
    apply(*tree, Batch().put(key_in(16, "a"), "1"), 1);
    tree.reset();
    tree = open_tree(GetParam(), directory(), OpenMode::read_write, identity_of(9));
    EXPECT_EQ(tree->delivered(), mark_at(1));
}

TEST_P(TreeContract, SaysWhenThereIsNoTree) {
    EXPECT_EQ(code_of([&] { reopen(); }), ErrorCode::not_a_database);
    EXPECT_EQ(code_of([&] { reopen(OpenMode::read_only); }), ErrorCode::not_a_database);
}

/// Read-only: everything can be read, and not a byte of a file is changed.
TEST_P(TreeContract, ReadsWithoutWriting) {
    create();
    Model model;
    for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
        const Batch batch = random_batch(3, sequence);
        apply(*tree, batch, sequence);
        batch.fold_into(model);
    }
    tree.reset();
    const auto files = [&] {
        std::map<std::string, std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(directory())) {
            // LMDB's readers write their slots into its lock file.
            if (entry.path().filename() == "lock.mdb") continue;
            all[entry.path()] = read_whole(entry.path());
        }
        return all;
    };
    const auto before = files();
    reopen(OpenMode::read_only);
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_EQ(tree->delivered(), mark_at(20));
    EXPECT_EQ(tree->held(), mark_at(20));
    EXPECT_EQ(tree->view()->mark(), mark_at(20));
    EXPECT_THAT(check(*tree), IsEmpty());
    EXPECT_EQ(tree->statistics().health, "ok");
    tree.reset();
    EXPECT_EQ(files(), before);
}

/// If the system opens no file for a check, the check may refuse, but it reports no damage.
TEST_P(TreeContract, WhatACheckCannotReadIsNotCalledDamaged) {
    AMPHORA_SKIP_WHERE_CHECKS_NEED_DESCRIPTORS();
    create();
    for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
        apply(*tree, random_batch(3, sequence), sequence);
        tree->hold();
    }
    try {
        const support::NoMoreFiles none;
        EXPECT_THAT(check(*tree), IsEmpty());
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::io_error) << error.what();
        EXPECT_THAT(error.what(), HasSubstr("Too many open files"));
    }
    EXPECT_THAT(check(*tree), IsEmpty());
}

/// What a delivery would refuse is already refused at the statement.
TEST_P(TreeContract, SaysWhatIsTooLarge) {
    create();
    tree->require_acceptable(key_in(16, Buffer(507, 'k')), 1 << 20);
    const std::size_t key_max = GetParam() == Kind::lmdb ? 511 : 65535;
    tree->require_acceptable(key_in(16, Buffer(key_max - 4, 'k')), 1u << 30);
    EXPECT_EQ(code_of([&] { tree->require_acceptable(key_in(16, Buffer(key_max - 3, 'k')), 1); }),
              ErrorCode::value_too_large);
    EXPECT_EQ(code_of([&] { tree->require_acceptable(key_in(16, "k"), (1u << 30) + 1); }),
              ErrorCode::value_too_large);
    // The longest key is really taken.
    apply(*tree, Batch().put(key_in(16, Buffer(key_max - 4, 'k')), "v"), 1);
    EXPECT_EQ(find(*tree, tree->view(), key_in(16, Buffer(key_max - 4, 'k'))), "v");
}

TEST_P(TreeContract, StatisticsAreNumbersOfThisTree) {
    create();
    Batch batch;
    for (int i = 0; i < 5000; ++i) {
        batch.put(key_in(16, std::to_string(i)), Buffer(100, static_cast<char>('a' + i % 26)));
    }
    apply(*tree, batch, 1);
    tree->hold();
    const TreeStatistics statistics = tree->statistics();
    // A compaction in the meantime compresses them.
    EXPECT_GT(statistics.bytes_on_disk, 5000u * 5);
    EXPECT_EQ(statistics.health, "ok");
    if (GetParam() == Kind::lmdb) {
        EXPECT_EQ(statistics.entries, 5000u);
        EXPECT_EQ(statistics.map_bytes_max, 1ull << 30);
    } else {
        EXPECT_NEAR(static_cast<double>(statistics.entries), 5000.0, 500.0);
        EXPECT_GT(statistics.bytes_memory, 0u);
    }
    tree->compact();
    EXPECT_EQ(contents(*tree->view()).size(), 5000u);
}

/// The writing thread is always the same: otherwise LMDB's lock would stop every later writer.
TEST_P(TreeContract, DiesWhenASecondThreadWrites) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            create();
            apply(*tree, Batch(), 1);
            std::thread([&] { apply(*tree, Batch(), 2); }).join();
        },
        "writer_ == std::this_thread::get_id");
}

/// In a forked child a handle throws an error with a name, and destroying it does not harm the
/// parent.
TEST_P(TreeContract, RefusesItsUseAfterFork) {
    create();
    apply(*tree, Batch().put(key_in(16, "a"), "1"), 1);
    auto view = tree->view();
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(20);  // it could wait for threads that only the parent has
        const bool refused =
            code_of([&] { static_cast<void>(tree->view()); }) == ErrorCode::used_after_fork &&
            code_of([&] { apply(*tree, Batch(), 2); }) == ErrorCode::used_after_fork &&
            code_of([&] { static_cast<void>(view->cursor()); }) == ErrorCode::used_after_fork;
        view.reset();
        tree.reset();
        std::_Exit(refused ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(find(*tree, view, key_in(16, "a")), "1");
    apply(*tree, Batch().put(key_in(16, "a"), "2"), 2);
    EXPECT_EQ(find(*tree, view, key_in(16, "a")), "1");
    EXPECT_EQ(find(*tree, tree->view(), key_in(16, "a")), "2");
}

}  // namespace
}  // namespace amphora::tree::testing
