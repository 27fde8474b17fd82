// Kills at every kind of moment, in the time that a test has; tools/crash runs longer.

#include "crash/kill_run.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

namespace amphora::crash {
namespace {

/// A process that writes rows and documents is killed while it opens, recovers, writes, compacts,
/// makes backups, restores or closes, again and again. The next opening finds, in both stores and
/// through every index, each thread's work up to what was acknowledged, or to the one transaction
/// that was being written: nothing is lost, doubled or half done.
TEST(CrashTest, WhatWasAcknowledgedIsThereOnce) {
    const support::Random random{20'260'131};
    SCOPED_TRACE(random.seed_text());
    KillRunOptions options;
    options.seed = random.seed();
    options.cycles = UINT64_MAX;
    options.cycles_per_database = 6;
    options.until =
        std::chrono::steady_clock::now() + std::chrono::seconds{13} * support::test_scale();
    const KillReport report = KillRun{options}.run();
    EXPECT_THAT(report.failures, testing::IsEmpty());
    EXPECT_EQ(report.lost + report.duplicated + report.torn, 0u);
    EXPECT_GT(report.acknowledged, 0u);
    EXPECT_GT(report.copies, 0u);
    EXPECT_GT(report.archives, 0u);
    EXPECT_GT(report.restores.size(), 1u) << "to another end than that of the copy, too";
    EXPECT_GT(report.commits_replayed, 0u) << "what is killed leaves something to recover";
    RecordProperty("closing_line", report.closing_line());
}

using Counts = std::pair<std::uint64_t, std::uint64_t>;

/// What is lost and duplicated if one thread has this many transactions after `last`.
Counts judged(Stop stop, std::uint64_t there, const char* last) {
    Promises promises{stop};
    promises.started(1);
    for (const char* line : {"at 0 0", "ready", "s 0 1 8 1", last}) promises.heard(line);
    promises.found(0, there);
    return {promises.lost(), promises.duplicated()};
}

/// A judge that accepts everything would find nothing: one acknowledged transaction too few is
/// lost, one too many is duplicated, and the one whose fate is unknown may be either.
TEST(CrashTest, TheJudgeSeesWhatIsMissingOrTooMuch) {
    for (const Stop stop : {Stop::kill, Stop::power_cut}) {
        EXPECT_EQ(judged(stop, 1, "s 0 2 9 1"), (Counts{1, 0}));
        EXPECT_EQ(judged(stop, 2, "s 0 2 9 1"), (Counts{0, 0}));
        EXPECT_EQ(judged(stop, 3, "s 0 2 9 1"), (Counts{0, 0}));
        EXPECT_EQ(judged(stop, 4, "s 0 2 9 1"), (Counts{0, 1}));
        EXPECT_EQ(judged(stop, 1, "b 0 2 9 1"), (Counts{0, 0})) << "a buffered one may be gone";
        EXPECT_EQ(judged(stop, 0, "b 0 2 9 1"), (Counts{1, 0}));
        EXPECT_EQ(judged(stop, 2, "closing"), (Counts{0, 1})) << "none was on its way any more";
    }
    EXPECT_EQ(judged(Stop::kill, 1, "w 0 2 9 1"), (Counts{1, 0}));
    EXPECT_EQ(judged(Stop::power_cut, 1, "w 0 2 9 1"), (Counts{0, 0}));

    Promises promises;
    promises.heard("x a snapshot shows a note without its owner");
    EXPECT_EQ(promises.torn(), 1u);
}

/// An acknowledged commit implies all commits before it, of every thread and durability; and if one
/// is lost, nothing after it is stored.
TEST(CrashTest, TheJudgeKnowsTheOneOrderOfAllCommits) {
    Promises promises{Stop::power_cut};
    promises.started(3);
    for (const char* line : {"at 0 0", "at 1 0", "at 2 0", "ready", "w 1 1 2 1", "b 0 1 1 1",
                             "s 2 1 3 1", "w 1 2 4 1", "w 0 2 5 1"}) {
        promises.heard(line);
    }
    EXPECT_EQ(promises.acknowledged(), 3u);
    Promises all_promised_is_there = promises;
    all_promised_is_there.found(0, 1);
    all_promised_is_there.found(1, 1);
    all_promised_is_there.found(2, 1);
    EXPECT_THAT(all_promised_is_there.complaints(), testing::IsEmpty());

    Promises one_is_lost = promises;
    one_is_lost.found(0, 0);
    EXPECT_EQ(one_is_lost.lost(), 1u);

    promises.found(0, 2);
    promises.found(1, 1);
    EXPECT_EQ(promises.torn(), 1u) << "commit 4 is gone, commit 5 is there";
}

/// A copy holds what had returned before it was begun, of every durability, and nothing that did
/// not happen. What it holds is durable, so the database must have it, too, even if it was not
/// acknowledged.
TEST(CrashTest, TheJudgeKnowsWhatACopyPromises) {
    Promises promises{Stop::power_cut};
    promises.started(1);
    for (const char* line : {"at 0 0", "ready", "b 0 1 1 1", "copying 0", "b 0 2 2 1"}) {
        promises.heard(line);
    }
    ASSERT_EQ(promises.copies().size(), 1u);
    EXPECT_FALSE(promises.copies()[0].is_made);
    const auto judged_with = [&](std::uint64_t in_copy, std::uint64_t there) {
        Promises its = promises;
        its.found_in_copy(CopyPromise{its.copies()[0]}, 0, in_copy);
        its.found(0, there);
        return Counts{its.lost(), its.duplicated()};
    };
    EXPECT_EQ(judged_with(0, 1), (Counts{1, 0}));
    EXPECT_EQ(judged_with(1, 1), (Counts{0, 0}));
    EXPECT_EQ(judged_with(3, 3), (Counts{0, 0}));
    EXPECT_EQ(judged_with(3, 2), (Counts{1, 0})) << "the copy's third is gone";
    EXPECT_EQ(judged_with(4, 3), (Counts{0, 1}));

    for (const char* line : {"copied 0", "copying 1"}) promises.heard(line);
    ASSERT_EQ(promises.copies().size(), 2u);
    EXPECT_TRUE(promises.copies()[0].is_made);
    EXPECT_EQ(promises.copies()[1].least[0], 2u);
    promises.heard("copied 1");
    ASSERT_EQ(promises.copies().size(), 1u) << "the older one is replaced";
    promises.started(1);
    EXPECT_TRUE(promises.copies().empty());
}

/// As of a commit there is exactly what had been committed by then; only the position of
/// transactions that were being written when the victim was stopped is unknown. As of a time there
/// is what had returned, unless it was too weak to be in the journal, and nothing that had not
/// begun.
TEST(CrashTest, TheJudgeKnowsWhatARestoreHolds) {
    Promises promises;
    promises.started(2);
    for (const char* line : {"at 0 0", "at 1 0", "ready", "s 0 1 9 1 50", "at 0 1", "at 1 0",
                             "ready", "s 0 2 11 2 100", "b 1 1 12 2 110", "copying 0",
                             "copied 0 11 13", "s 0 3 13 2 120", "s 0 4 15 2 140"}) {
        promises.heard(line);
    }
    EXPECT_EQ(promises.known_from(), 11u);
    const auto as_of = [&](std::uint64_t sequence, std::uint32_t thread) {
        const Bounds bounds = promises.as_of(sequence, thread);
        return Counts{bounds.least, bounds.most};
    };
    EXPECT_EQ(as_of(11, 0), (Counts{2, 2}));
    EXPECT_EQ(as_of(11, 1), (Counts{0, 0}));
    EXPECT_EQ(as_of(14, 0), (Counts{3, 3}));
    EXPECT_EQ(as_of(14, 1), (Counts{1, 2})) << "its second may be commit 14";
    const auto made_by = [&](std::int64_t time_us) {
        const Bounds bounds = promises.last_made_by(time_us);
        return Counts{bounds.least, bounds.most};
    };
    EXPECT_EQ(made_by(99), (Counts{0, 12})) << "that of thread 1 may have been made before";
    EXPECT_EQ(made_by(100), (Counts{11, 14}));
    EXPECT_EQ(made_by(110), (Counts{11, 14})) << "the buffered one may get there later";
    EXPECT_EQ(made_by(140), (Counts{15, UINT64_MAX}));
    EXPECT_EQ(promises.time_by_which_written(12, 13), 120);
    EXPECT_EQ(promises.time_by_which_written(12, 12), std::nullopt);

    promises.found_as_of(13, 0, 3);
    EXPECT_THAT(promises.complaints(), testing::IsEmpty());
    promises.found_as_of(13, 0, 4);
    promises.found_as_of(13, 1, 0);
    EXPECT_EQ((Counts{promises.lost(), promises.duplicated()}), (Counts{1, 1}));

    for (const char* word : {"4", "4,archive", "4,archive,sequence=900", "4,time=1790"}) {
        EXPECT_EQ(to_wish(word).word(), word);
    }
}

/// The sequence of a lost commit is given again, and its epoch never.
TEST(CrashTest, TheJudgeKnowsEveryEpochOnce) {
    Promises promises;
    promises.started(1);
    for (const char* line : {"at 0 0", "ready", "s 0 1 8 1", "at 0 1", "ready", "s 0 2 8 2"}) {
        promises.heard(line);
    }
    EXPECT_EQ(promises.torn(), 0u);
    for (const char* line : {"at 0 2", "ready", "s 0 3 9 2"}) promises.heard(line);
    EXPECT_EQ(promises.torn(), 1u);
}

}  // namespace
}  // namespace amphora::crash
