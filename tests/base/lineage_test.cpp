// The timelines of a database that was restored and repaired several times.

#include "base/lineage.hpp"
#include "base/identity_file.hpp"
#include "support/lossy_disk.hpp"

#include <gtest/gtest.h>

namespace amphora {
namespace {

Uuid timeline(std::uint8_t number) {
    Uuid uuid;
    uuid.bytes[0] = number;
    return uuid;
}

Lineage continued(const Lineage& before, std::uint8_t by, std::uint64_t last, Ancestor::End end) {
    return {timeline(by), before.continued_after(Sequence{last}, end)};
}

using enum Ancestor::End;

/// 1 has commits up to 10, 2 up to 15; 3 is the present one.
const Lineage restored_twice =
    continued(continued({timeline(1), {}}, 2, 10, restored), 3, 15, restored);

TEST(LineageTest, ACommitKeepsTheTimelineInWhichItWasMade) {
    for (const auto& [sequence, made_in] :
         {std::pair{1, 1}, {10, 1}, {11, 2}, {15, 2}, {16, 3}, {1000, 3}}) {
        EXPECT_EQ(restored_twice.of(Sequence{static_cast<std::uint64_t>(sequence)}),
                  timeline(static_cast<std::uint8_t>(made_in)))
            << sequence;
    }
}

TEST(LineageTest, ACommitOfAnAbandonedBranchIsNotOneOfTheDatabase) {
    const auto standing = [](std::uint8_t its, std::uint64_t sequence) {
        return restored_twice.standing(timeline(its), Sequence{sequence});
    };
    EXPECT_EQ(standing(1, 10), Standing::own);
    EXPECT_EQ(standing(1, 11), Standing::left_out);
    EXPECT_EQ(standing(2, 15), Standing::own);
    EXPECT_EQ(standing(2, 16), Standing::left_out);
    EXPECT_EQ(standing(3, 16), Standing::own);
    EXPECT_EQ(standing(4, 1), Standing::unknown);
}

/// What a repair has lost is lost for all timelines before it, also after a later restore.
TEST(LineageTest, ARepairEndsEveryEarlierTimeline) {
    const Lineage repaired_then =
        continued(continued(restored_twice, 4, 18, repaired), 5, 30, restored);
    for (const std::uint8_t its : {1, 2, 3}) {
        EXPECT_EQ(repaired_then.standing(timeline(its), Sequence{5}), Standing::repaired);
        EXPECT_EQ(repaired_then.standing(timeline(its), Sequence{50}), Standing::repaired);
    }
    EXPECT_EQ(repaired_then.standing(timeline(4), Sequence{20}), Standing::own);
    EXPECT_EQ(repaired_then.standing(timeline(4), Sequence{31}), Standing::left_out);
    EXPECT_EQ(repaired_then.of(Sequence{17}), timeline(3));
}

/// However often a database is restored, its lineage fits into the file.
TEST(LineageTest, OnlyTheOldestTimelinesAreForgotten) {
    Lineage lineage{timeline(0), {}};
    for (std::uint64_t restore = 1; restore <= Lineage::ancestors_max + 3; ++restore) {
        Uuid next;
        next.bytes[0] = static_cast<std::uint8_t>(restore);
        next.bytes[1] = static_cast<std::uint8_t>(restore >> 8);
        lineage = {next, lineage.continued_after(Sequence{UINT64_MAX - 1000 + restore}, repaired)};
    }
    EXPECT_EQ(lineage.ancestors.size(), Lineage::ancestors_max);
    EXPECT_EQ(lineage.standing(timeline(2), Sequence{1}), Standing::unknown);
    EXPECT_EQ(lineage.standing(timeline(3), Sequence{1}), Standing::repaired);
    support::LossyDisk disk(1);
    write_new_identity(disk, "db", {.database = {}, .timeline = lineage.timeline},
                       lineage.ancestors);
    EXPECT_EQ(read_identity(disk, "db")->ancestors, lineage.ancestors);
}

}  // namespace
}  // namespace amphora
