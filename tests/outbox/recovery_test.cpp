#include "outbox/pending_table.hpp"
#include "support/code_of.hpp"
#include "support/random.hpp"
#include "support/vessel.hpp"

#include <array>
#include <string>
#include <vector>

namespace amphora::outbox {
namespace {

using support::code_of;
using support::Content;
using support::Vessel;

/// Killed at any moment, with the document tree losing what it did not hold and the journal what it
/// did not sync: each tree is the fold of the commits up to its mark, and after opening both have
/// everything that was durable, once.
TEST(RecoveryTest, EachTreeContinuesFromItsOwnMark) {
    support::Random random;
    for (std::uint64_t round = 0; round < 60 * support::test_scale(); ++round) {
        auto options = Vessel::quiet();
        options.seal_bytes = 1 + random() % 2000;
        options.batch_bytes_max = random() % 6000;
        options.journal_bytes_max = 1 + random() % 10'000;
        Vessel vessel{options};
        std::vector<std::array<support::Writes, 2>> commits;
        for (int life = 0; life < 5; ++life) {
            for (std::uint64_t i = random() % 60; i > 0; --i) {
                std::array<support::Writes, 2> writes;
                for (auto& tree : writes) {
                    for (std::uint64_t k = random() % 4; k > 0; --k) {
                        auto& value = tree[std::string(1, static_cast<char>('a' + random() % 20))];
                        value = random.once_in(3) ? std::nullopt
                                                  : std::optional{std::to_string(random())};
                    }
                }
                vessel.commit(writes[0], writes[1],
                              random.once_in(2) ? Durability::written : Durability::synced);
                commits.push_back(writes);
                if (random.once_in(20)) {
                    const TreeId tree = random.once_in(2) ? TreeId::relational : TreeId::documents;
                    vessel.deliver(tree, vessel.outbox->published());
                }
                if (random.once_in(30)) vessel.documents.fail_next(static_cast<int>(random() % 3));
            }
            if (random.once_in(4)) vessel.outbox->close();
            auto remains = vessel.kill();
            vessel.documents.cut_power(random);
            remains.cut_power(random);
            commits.resize(number(remains.oldest) - 1 + remains.entries.size());
            const auto expect_fold = [&](const support::MemoryTree& tree, std::size_t which) {
                Content expected;
                const auto mark = number(tree.delivered().sequence);
                ASSERT_LE(mark, commits.size());
                for (std::size_t i = 0; i < mark; ++i) {
                    support::fold_into(expected, commits[i][which]);
                }
                ASSERT_EQ(tree.content(), expected);
            };
            expect_fold(vessel.relational, 0);
            expect_fold(vessel.documents, 1);
            vessel.documents.fail_next(0);
            vessel.open(std::move(remains));
            ASSERT_EQ(number(vessel.outbox->published()), commits.size());
            if (random.once_in(2)) vessel.deliver_all();
        }
        vessel.deliver_all();
        for (std::size_t which = 0; which < 2; ++which) {
            Content expected;
            for (const auto& commit : commits) support::fold_into(expected, commit[which]);
            ASSERT_EQ((which == 0 ? vessel.relational : vessel.documents).content(), expected)
                << random.seed_text();
        }
        if (HasFailure()) {
            ADD_FAILURE() << random.seed_text();
            return;
        }
    }
}

/// The journal holds far more than may be in memory: it is delivered while it is being read.
TEST(RecoveryTest, ReadsALongJournalInLittleMemory) {
    Vessel vessel;
    for (int i = 0; i < 400; ++i) {
        vessel.commit({{std::to_string(i), std::string(10'000, 'r')}},
                      {{std::to_string(i), std::string(10'000, 'd')}});
    }
    auto remains = vessel.kill();
    ASSERT_EQ(vessel.relational.applies(), 0u);
    vessel.options.pending_bytes_max = 400'000;
    vessel.open(std::move(remains));
    EXPECT_GE(vessel.relational.applies(), 5u)
        << "most were delivered while the journal was being read";
    for (const auto& tree : vessel.outbox->statistics().trees) {
        EXPECT_LT(tree.pending_bytes, 600'000u);
    }
    vessel.deliver_all();
    EXPECT_EQ(vessel.documents.content().size(), 400u);
}

/// A tree that takes nothing does not stop the opening as long as its backlog fits in memory;
/// beyond that its own error says why the database does not open, and a later attempt works.
TEST(RecoveryTest, OpensWithAFailingTreeIfItsBacklogFits) {
    Vessel vessel;
    for (int i = 0; i < 100; ++i) {
        vessel.commit({}, {{std::to_string(i), std::string(10'000, 'd')}});
    }
    auto remains = vessel.kill();
    vessel.documents.fail_next(1 << 30, ErrorCode::disk_full);
    vessel.open(remains);
    EXPECT_EQ(number(vessel.outbox->published()), 100u);
    remains = vessel.kill();

    vessel.options.pending_bytes_max = 300'000;
    EXPECT_EQ(code_of([&] { vessel.open(remains); }), ErrorCode::disk_full);
    vessel.documents.fail_next(0);
    vessel.open(vessel.kill());
    vessel.deliver_all();
    EXPECT_EQ(vessel.documents.content().size(), 100u);
}

/// After a clean close there is nothing to do at the next open.
TEST(RecoveryTest, ACleanCloseLeavesNothingToReplay) {
    Vessel vessel;
    for (int i = 0; i < 100; ++i) vessel.commit({{"a", "1"}}, {{"b", "2"}});
    vessel.outbox->close();
    auto remains = vessel.kill();
    EXPECT_LT(remains.entries.size(), 8u) << "only a part of the last segment is left";
    EXPECT_EQ(number(vessel.documents.held().sequence), 100u);
    const auto applies = vessel.relational.applies();
    vessel.open(std::move(remains));
    vessel.deliver_all();
    EXPECT_EQ(vessel.relational.applies(), applies);
    EXPECT_EQ(vessel.commit({{"a", "2"}}), Sequence{101});
}

/// A database that is only looked at: everything that was committed is there, and nothing is
/// written.
TEST(RecoveryTest, ReadsWithoutDelivering) {
    Vessel vessel;
    vessel.commit({{"a", "1"}}, {{"b", "1"}});
    vessel.deliver_all();
    for (int i = 0; i < 20; ++i) vessel.commit({{"a", "2"}}, {{"b", "2"}});
    const auto remains = vessel.kill();
    const auto applies = vessel.relational.applies();
    vessel.options.relays = RelayThreads::none;
    vessel.options.pending_bytes_max = 1;
    vessel.open(remains);
    const auto list = vessel.outbox->pending(TreeId::relational);
    const auto* const found = list->tables().front()->list().find("a", 99);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->value(), "2");
    EXPECT_EQ(code_of([&] { static_cast<void>(vessel.outbox->admit(Deadline{})); }),
              ErrorCode::read_only);
    EXPECT_EQ(code_of([&] { vessel.commit({{"a", "3"}}); }), ErrorCode::read_only);
    EXPECT_EQ(code_of([&] { vessel.deliver(TreeId::relational, Sequence{21}); }),
              ErrorCode::read_only);
    EXPECT_TRUE(vessel.deliver(TreeId::relational, Sequence{1}));
    vessel.outbox->close();
    EXPECT_EQ(vessel.relational.applies(), applies);
    EXPECT_EQ(vessel.kill().entries.size(), remains.entries.size());
}

/// A failing tree does not keep the database from closing; its rest waits in the journal.
TEST(RecoveryTest, ClosesWithAFailingTree) {
    Vessel vessel;
    vessel.commit({{"a", "1"}}, {{"b", "2"}});
    vessel.documents.fail_next(1 << 30);
    vessel.outbox->close();
    EXPECT_EQ(vessel.relational.content(), (Content{{"a", "1"}}));
    EXPECT_THAT(
        vessel.logged(),
        testing::Contains(testing::HasSubstr("closing with the documents tree at commit 0 of 1")));
    EXPECT_EQ(code_of([&] { vessel.commit({{"a", "2"}}); }), ErrorCode::transaction_closed);
    EXPECT_EQ(code_of([&] { vessel.deliver(TreeId::documents, Sequence{1}); }),
              ErrorCode::transaction_closed);
    vessel.documents.fail_next(0);
    vessel.open(vessel.kill());
    vessel.deliver_all();
    EXPECT_EQ(vessel.documents.content(), (Content{{"b", "2"}}));
}

/// Pieces from different moments: a tree that has commits which the journal never had, and one that
/// is so old that the journal has already recycled the commits that it lacks.
TEST(RecoveryTest, RefusesATreeFromAnotherMoment) {
    Vessel vessel;
    for (int i = 0; i < 20; ++i) vessel.commit({{std::to_string(i), "r"}}, {{"d", "d"}});
    const auto old = vessel.journal->remains();
    vessel.commit({{"x", "1"}});
    vessel.deliver_all();
    vessel.outbox->close();
    const auto closed = vessel.kill();

    auto shorter = old;
    shorter.entries.resize(10);
    EXPECT_EQ(code_of([&] { vessel.open(shorter); }), ErrorCode::foreign_piece);
    vessel.kill();

    Vessel other;
    other.kill();
    EXPECT_EQ(code_of([&] { other.open(closed); }), ErrorCode::foreign_piece);
    EXPECT_TRUE(other.relational.content().empty());
    other.kill();
}

}  // namespace
}  // namespace amphora::outbox
