// One bit or one block of one table file is damaged, in trees whose levels have several files.

#include "tree/damaged_tables.hpp"

#include "tree/rocks/salvage/salvage.hpp"

#include <gmock/gmock.h>

namespace amphora::tree::testing {
namespace {

using ::testing::IsEmpty;

/// Under a sanitizer a case takes about ten times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t slowness = 8;
#else
constexpr std::uint64_t slowness = 1;
#endif

class DamagedTables : public ::testing::TestWithParam<TreeShape> {
  protected:
    /// Calls `run(damage, dice)` for each of that many damaged trees.
    template <class Run>
    void each_case(std::uint64_t cases, Run&& run) {
        cases = std::max<std::uint64_t>(4, cases * scale_from_environment() / slowness);
        for (std::uint64_t number = 0; number < cases; ++number) {
            Dice dice{seed_from_environment() * 1'000'003 + number};
            const DamagedTable damage{tree_.tables()[dice.below(tree_.tables().size())], dice};
            SCOPED_TRACE("case " + std::to_string(number) + ", " + damage.text());
            run(dice);
        }
    }
    void read(Tree& tree, Dice& dice) {
        DamageReader reader{*tree.view(), tree_.model(), dice};
        reader.read_all();
        EXPECT_THAT(reader.violations(), IsEmpty());
        refusals_ += reader.errors() > 0 ? 1 : 0;
    }

    ScratchDirectory scratch_;
    ShapedTree tree_{scratch_ / "tree", GetParam(), seed_from_environment()};
    std::uint64_t refusals_ = 0;
};

/// If the first block of a file does not verify and the level has other files, RocksDB 7.8 leaves
/// the whole file out of a forward scan, without an error: it takes its own sentinel for range
/// deletions for the next key. Readers must get every entry or an error, in each direction.
TEST_P(DamagedTables, AreReadWholeOrNotAtAll) {
    ASSERT_GT(tree_.tables().size(), 2u);
    std::uint64_t cases = 0;
    each_case(150, [&](Dice& dice) {
        ++cases;
        std::unique_ptr<Tree> tree;
        const auto refused = code_of([&] {
            tree = rocks::open_rocks(tree_.directory(), identity_of(7), OpenMode::read_only,
                                     many_small_tables());
            return 0;
        });
        if (refused) {
            EXPECT_EQ(refused, ErrorCode::corrupt);
            ++refusals_;
            return;
        }
        const std::uint64_t refusals_before = refusals_;
        read(*tree, dice);
        const bool was_refused = refusals_ > refusals_before;
        EXPECT_TRUE(!was_refused || !check(*tree).empty()) << "check finds nothing";
    });
    EXPECT_GT(refusals_, cases / 2);
}

/// A salvage that reports no loss has found everything, and it never returns an older version.
TEST_P(DamagedTables, AreSalvagedWithoutSilentLosses) {
    each_case(60, [&](Dice&) {
        Model found;
        rocks::Salvaged salvaged;
        rocks::SalvageVisitor visitor;
        visitor.entry = [&](Bytes key, Bytes value) { found.emplace(key, value); };
        visitor.doubtful = [](Bytes, Bytes) {};
        const auto refused = code_of([&] {
            salvaged = rocks::salvage(tree_.directory(), scratch_ / "salvage", many_small_tables(),
                                      visitor);
            return 0;
        });
        if (refused) return;
        if (salvaged.gaps.empty() && salvaged.notes.empty()) {
            EXPECT_EQ(found.size(), tree_.model().size());
        } else {
            ++refusals_;
        }
        for (const auto& [key, value] : found) {
            const auto written = tree_.model().find(key);
            if (written == tree_.model().end() || written->second != value) {
                ADD_FAILURE() << to_hex(key) << " is an older version";
                break;
            }
        }
    });
    EXPECT_GT(refusals_, 0u);
}

/// A compaction reads everything that it rewrites: it is refused, or nothing has been lost by it.
TEST_P(DamagedTables, AreCompactedWholeOrNotAtAll) {
    // Each case takes a second: RocksDB waits that long after a compaction that failed.
    each_case(4, [&](Dice& dice) {
        const std::string copy = scratch_ / "copy";
        std::filesystem::remove_all(copy);
        std::filesystem::copy(tree_.directory(), copy);
        for (int opening = 0; opening < 2; ++opening) {
            std::unique_ptr<Tree> tree;
            const auto refused = code_of([&] {
                tree = rocks::open_rocks(copy, identity_of(7), OpenMode::read_write,
                                         many_small_tables());
                return 0;
            });
            if (refused) {
                EXPECT_EQ(refused, ErrorCode::corrupt);
                ++refusals_;
                return;
            }
            if (opening == 0) {
                const auto failed = code_of([&] {
                    tree->compact();
                    return 0;
                });
                EXPECT_EQ(failed.value_or(ErrorCode::corrupt), ErrorCode::corrupt);
            }
            read(*tree, dice);
        }
    });
    EXPECT_GT(refusals_, 0u);
}

INSTANTIATE_TEST_SUITE_P(Shapes, DamagedTables,
                         ::testing::Values(TreeShape::one_level, TreeShape::level_zero,
                                           TreeShape::several_levels),
                         [](const auto& shape) { return to_string(shape.param); });

}  // namespace
}  // namespace amphora::tree::testing
