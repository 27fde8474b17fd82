#include "tree/tree_fixture.hpp"
#include "tree/victim_process.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

namespace amphora::tree::testing {
namespace {

class TreeCrash : public TreeTest {
  protected:
    TreeCrash() : TreeTest{Scratch::disk} {}
};
AMPHORA_FOR_BOTH_TREES(TreeCrash);

/// A program delivers random batches and is killed at any moment, again and again. What survives is
/// a prefix of the deliveries: the contents are exactly the fold of the batches up to the mark, and
/// the mark is not before the one that was reported as held.
TEST_P(TreeCrash, MarkAndContentsAgreeAfterAKill) {
    create();
    tree.reset();
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE("AMPHORA_SEED=" + std::to_string(seed));
    Dice dice(seed);
    Model model;
    std::uint64_t reached = 0;
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds(1200) * scale_from_environment();
    const int kills_min = GetParam() == Kind::lmdb ? 25 : 10;
    int kills = 0;
    while (std::chrono::steady_clock::now() < end || kills < kills_min) {
        std::uint64_t promised = reached;
        {
            VictimProcess victim({"write", std::string(to_string(GetParam())), directory(),
                                  std::to_string(seed), std::to_string(reached + 1)});
            const auto take_line = [&] {
                const std::string line = victim.read_line();
                const std::size_t space = line.find(' ');
                if (space == std::string::npos) return false;
                // LMDB syncs each delivery. RocksDB may lose what it has delivered and not held.
                if (GetParam() == Kind::lmdb || line.starts_with("held")) {
                    promised = std::max<std::uint64_t>(promised, std::stoull(line.substr(space)));
                }
                return true;
            };
            const std::uint64_t lines = 1 + dice.below(GetParam() == Kind::lmdb ? 8 : 200);
            for (std::uint64_t i = 0; i < lines; ++i) ASSERT_TRUE(take_line());
            // At any moment of its next step, not only when its line woke this process.
            std::this_thread::sleep_for(std::chrono::microseconds(dice.below(2000)));
            victim.kill();
            ASSERT_TRUE(victim.died_of_kill());
            while (take_line()) {
            }
        }
        ++kills;
        tree = open_tree(GetParam(), directory(), OpenMode::read_write);
        const std::uint64_t survived = number(tree->delivered().sequence);
        ASSERT_GE(survived, promised);
        ASSERT_GE(survived, reached);
        for (std::uint64_t sequence = reached + 1; sequence <= survived; ++sequence) {
            random_batch(seed, sequence).fold_into(model);
        }
        reached = survived;
        ASSERT_EQ(tree->delivered(), mark_at(reached));
        ASSERT_EQ(tree->held(), mark_at(reached));
        ASSERT_EQ(contents(*tree->view()), model) << "after " << kills << " kills";
        ASSERT_THAT(check(*tree), ::testing::IsEmpty());
        tree.reset();
    }
    RecordProperty("kills", kills);
    RecordProperty("deliveries", static_cast<int>(reached));
}

}  // namespace
}  // namespace amphora::tree::testing
