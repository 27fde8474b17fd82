#include "support/cut_disk.hpp"
#include "tree/tree_fixture.hpp"
#include "tree/victim_process.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

namespace amphora::tree::testing {
namespace {

class TreePowerCut : public ::testing::TestWithParam<Kind> {};
AMPHORA_FOR_BOTH_TREES(TreePowerCut);

/// The power is cut while a program delivers. Afterwards the tree has everything that it had
/// reported as held, and its contents are a prefix of the deliveries, with the mark that fits them.
TEST_P(TreePowerCut, KeepsWhatWasHeld) {
    const ScratchDirectory scratch;
    support::CutDisk disk{scratch.path()};
    if (!disk.usable()) GTEST_SKIP() << support::CutDisk::why_unusable;
    const std::string directory = disk.place() + "/tree";
    open_tree(GetParam(), directory, OpenMode::create);
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE("AMPHORA_SEED=" + std::to_string(seed));
    Dice dice(seed);
    Model model;
    std::uint64_t reached = 0;
    const std::uint64_t cuts = 3 * scale_from_environment();
    for (std::uint64_t cut = 0; cut < cuts; ++cut) {
        std::uint64_t promised = reached;
        {
            VictimProcess victim({"write", std::string(to_string(GetParam())), directory,
                                  std::to_string(seed), std::to_string(reached + 1)});
            const auto take_line = [&] {
                const std::string line = victim.read_line();
                const std::size_t space = line.find(' ');
                if (space == std::string::npos) return false;
                if (GetParam() == Kind::lmdb || line.starts_with("held")) {
                    promised = std::max<std::uint64_t>(promised, std::stoull(line.substr(space)));
                }
                return true;
            };
            const std::uint64_t lines = 80 + dice.below(100);
            for (std::uint64_t i = 0; i < lines; ++i) ASSERT_TRUE(take_line());
            std::this_thread::sleep_for(std::chrono::microseconds(dice.below(2000)));
            disk.cut_power();
            victim.kill();
            while (take_line()) {
            }
        }
        disk.power_on();
        const auto tree = open_tree(GetParam(), directory, OpenMode::read_write);
        const std::uint64_t survived = number(tree->delivered().sequence);
        ASSERT_GE(survived, promised);
        ASSERT_GT(promised, reached) << "nothing was held in the meantime";
        for (std::uint64_t sequence = reached + 1; sequence <= survived; ++sequence) {
            random_batch(seed, sequence).fold_into(model);
        }
        reached = survived;
        ASSERT_EQ(contents(*tree->view()), model);
        ASSERT_THAT(check(*tree), ::testing::IsEmpty());
    }
}

}  // namespace
}  // namespace amphora::tree::testing
