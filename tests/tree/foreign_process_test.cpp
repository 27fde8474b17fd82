#include "tree/foreign.hpp"
#include "tree/lmdb/file_check.hpp"
#include "tree/tree_fixture.hpp"
#include "tree/victim_process.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace amphora::tree::testing {
namespace {

using ::testing::IsEmpty;

/// Valid as long as the writer cannot have begun the third transaction after the view, which is the
/// first that may reuse its pages. The file itself shows that.
lmdb::ValidityOf until_the_second_transaction(const std::string& directory) {
    const auto file = std::make_shared<const lmdb::OpenedFile>(lmdb::data_path(directory));
    return [file](std::uint64_t version) {
        return std::make_shared<const AskedValidity>([file, version] {
            const auto newest = file->data().steady_meta();
            if (!newest || newest->transaction > version + 1) expire();
        });
    };
}

/// Another process delivers random batches and is killed at any moment, again and again. While it
/// writes, each view is exactly the fold of the batches up to its mark, or ends. After a kill, the
/// newest view is exact and stays so, and nothing that was reported as delivered is missing.
TEST(ForeignProcess, IsReadExactlyWhileItWritesAndAfterItWasKilled) {
    const ScratchDirectory scratch{Scratch::disk};
    const std::string directory = scratch / "tree";
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE("AMPHORA_SEED=" + std::to_string(seed));
    Dice dice(seed);
    open_tree(Kind::lmdb, directory, OpenMode::create).reset();
    const auto tree = lmdb::open_foreign(directory, identity_of(7));
    const lmdb::ValidityOf validity_of = until_the_second_transaction(directory);

    Model model;
    std::uint64_t reached = 0;
    const auto fold_up_to = [&](std::uint64_t sequence) {
        ASSERT_GE(sequence, reached);
        while (reached < sequence) random_batch(seed, ++reached).fold_into(model);
    };
    int exact = 0;
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds(1000) * scale_from_environment();
    for (int kills = 0; kills < 8 || std::chrono::steady_clock::now() < end; ++kills) {
        VictimProcess owner(
            {"write", "lmdb", directory, std::to_string(seed), std::to_string(reached + 1)});
        std::uint64_t promised = 0;
        const std::uint64_t looks = 1 + dice.below(15);
        for (std::uint64_t look = 0; look < looks; ++look) {
            const std::string line = owner.read_line();
            promised = std::stoull(line.substr(line.find(' ')));
            const auto code = code_of([&] {
                const auto view = tree->take(validity_of);
                ASSERT_GE(number(view->mark().sequence), promised);
                const Model seen = contents(*view);
                fold_up_to(number(view->mark().sequence));
                ASSERT_EQ(seen, model);
                ++exact;
            });
            ASSERT_EQ(code.value_or(ErrorCode::snapshot_expired), ErrorCode::snapshot_expired);
        }
        owner.kill();
        ASSERT_TRUE(owner.died_of_kill());
        tree->show(tree->take(validity_of));
        fold_up_to(number(tree->delivered().sequence));
        ASSERT_GE(reached, promised);
        ASSERT_EQ(contents(*tree->view()), model) << "after " << kills << " kills";
        ASSERT_THAT(check(*tree), IsEmpty());
    }
    EXPECT_GT(exact, 0);
}

}  // namespace
}  // namespace amphora::tree::testing
