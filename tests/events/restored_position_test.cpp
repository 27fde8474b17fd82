// Positions that are kept outside of the database, across restores and repairs: a position always
// means the same commit, or is refused.

#include "events/restored_market.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <utility>

namespace amphora::market {
namespace {

using testing::HasSubstr;

class RestoredPositionTest : public RestoredMarket {
  protected:
    /// Nobody runs it, so the journal keeps every commit from here on.
    void keep_everything() {
        static_cast<void>(db().feed({.start = FeedStart::end, .reader = "idle"}));
    }
    static std::size_t visits_after(const Database& database, const FeedPosition& position) {
        Feed feed = database.feed({.selections = {inserts(visits)}, .after = position});
        return lines_of(feed).size();
    }
};

/// One of a commit that the restored database has means the same commit there, after a second
/// restore, too. One of a commit that was left out is refused, although the restored database has
/// another commit with that number.
TEST_F(RestoredPositionTest, APositionMeansTheSameCommitOrIsRefused) {
    open(options_);
    visit_many(db(), 3);
    keep_everything();
    const Commit kept = visit(db());
    const FeedPosition position = end_of(db());
    ASSERT_EQ(position.sequence(), kept.sequence);
    visit(db());
    const FeedPosition last = end_of(db());
    db().backup(place("backup"));
    visit(db());
    const FeedPosition lost = end_of(db());
    erase_database();

    Database first = restored("backup", "first");
    visit_many(first, 2);
    const FeedPosition here = end_of(first);
    EXPECT_NE(here.timeline(), position.timeline());
    first.backup(place("second backup"));
    first.close();
    Database second = restored("second backup", "second");
    visit(second);
    EXPECT_EQ(visits_after(second, position), 4u);
    EXPECT_EQ(visits_after(second, last), 3u);
    EXPECT_EQ(visits_after(second, here), 1u);
    EXPECT_THAT(message_of(ErrorCode::unknown_position,
                           [&] { static_cast<void>(second.feed({.after = lost})); }),
                testing::AllOf(HasSubstr("abandoned branch"),
                               HasSubstr("continue after " + to_string(last))));
}

/// A backup is continued by an archive. The database is restored to an earlier commit, and works on.
/// A program that has seen more than that commit must hear of it; one that has seen less continues.
TEST_F(RestoredPositionTest, APositionAfterTheRestoredCommitIsRefused) {
    open(options_);
    keep_everything();
    visit(db());
    db().backup(place("backup"));
    std::vector<FeedPosition> seen;
    for (int i = 0; i < 20; ++i) {
        visit(db());
        seen.push_back(end_of(db()));
    }
    const auto before = changes(db());
    db().archive(place("archive"));
    erase_database();

    const FeedPosition end = seen[9];
    Database database = restored("backup", "restored",
                                 {.archive = place("archive"), .to_sequence = end.sequence()});
    const auto after = changes(database);
    EXPECT_EQ(after.size(), 11u);
    for (const auto& [position, line] : after) {
        const auto same = before.find(position);
        ASSERT_NE(same, before.end()) << position;
        EXPECT_EQ(same->second, line);
    }
    visit_many(database, 30);
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (i < 10) {
            EXPECT_EQ(visits_after(database, seen[i]), 30 + 9 - i) << i;
        } else {
            EXPECT_EQ(code_of([&] { return database.feed({.after = seen[i]}); }),
                      ErrorCode::unknown_position)
                << i;
        }
    }
    // New changes have new names, although commits of these numbers were made before.
    for (const auto& [position, line] : changes(database)) {
        if (after.contains(position)) continue;
        EXPECT_FALSE(before.contains(position)) << position << " " << line;
    }
}

/// Nobody waits for the changes, so the restored journal does not have them.
TEST_F(RestoredPositionTest, WhatARestoreDoesNotTakeOverIsAGap) {
    open(options_);
    visit(db());
    const FeedPosition early = end_of(db());
    visit_many(db(), 3);
    const FeedPosition last = end_of(db());
    db().backup(place("backup"));
    erase_database();
    Database database = restored("backup", "restored");
    EXPECT_EQ(code_of([&] { return database.feed({.after = early}); }), ErrorCode::feed_gap);
    visit(database);
    EXPECT_EQ(visits_after(database, last), 1u);
}

/// A named reader has acknowledged a part. In the restored database it continues there, and may
/// acknowledge both what it was shown before the restore and what is new. What it was shown on the
/// abandoned branch is not taken for something that was done here.
TEST_F(RestoredPositionTest, AReaderAcknowledgesAcrossARestore) {
    open(options_);
    const FeedOptions outside{.selections = {inserts(visits)}, .reader = "outside"};
    static_cast<void>(db().feed(outside));
    visit_many(db(), 5);
    FeedPosition second;
    FeedPosition third;
    {
        Feed feed = db().feed(outside);
        for (int i = 0; i < 2; ++i) ASSERT_NE(feed.next(5s), nullptr);
        second = feed.position().value();
        feed.acknowledge(second);
        ASSERT_NE(feed.next(5s), nullptr);
        third = feed.position().value();
    }
    db().backup(place("backup"));
    visit(db());
    const FeedPosition lost = end_of(db());
    erase_database();

    Database database = restored("backup", "restored");
    visit_many(database, 3);
    {
        Feed feed = database.feed(outside);
        EXPECT_EQ(feed.position(), second);
        EXPECT_EQ(code_of([&] { return feed.acknowledge(third), 0; }), ErrorCode::invalid_argument);
        ASSERT_NE(feed.next(5s), nullptr);
        EXPECT_EQ(feed.position(), third);
        feed.acknowledge(third);
        EXPECT_EQ(code_of([&] { return feed.acknowledge(second), 0; }),
                  ErrorCode::invalid_argument);
        for (int i = 0; i < 4; ++i) ASSERT_NE(feed.next(5s), nullptr);
        EXPECT_EQ(code_of([&] { return feed.acknowledge(lost), 0; }), ErrorCode::unknown_position);
        feed.acknowledge(feed.position().value());
        EXPECT_EQ(code_of([&] { return feed.acknowledge(third), 0; }), ErrorCode::invalid_argument);
    }
    Feed feed = database.feed(outside);
    EXPECT_EQ(lines_of(feed).size(), 1u);
}

/// The documents of a restored database are damaged. Its journal has commits that were taken over and
/// commits of its own, and the repair reads both.
TEST_F(RestoredPositionTest, ARepairReadsWhatARestoreHasTakenOver) {
    open(options_);
    keep_everything();
    visit_many(db(), 40);
    db().backup(place("backup"));
    erase_database();
    Database::restore(place("backup"), path(), {.options = options_});
    open(options_);
    visit_many(db(), 3);
    damage_and_repair();
    const Snapshot now = db().snapshot();
    EXPECT_EQ(std::ranges::distance(now.scan(visits)), 43);
}

/// Only the file IDENTITY is lost, which names the earlier timelines. The repair keeps the present one,
/// and a position of an earlier one is refused instead of taken for another commit.
TEST_F(RestoredPositionTest, WithoutTheFileThatNamesThemEarlierTimelinesAreUnknown) {
    open(options_);
    keep_everything();
    visit(db());
    const FeedPosition early = end_of(db());
    db().backup(place("backup"));
    erase_database();
    Database::restore(place("backup"), path(), {.options = options_});
    open(options_);
    visit(db());
    const FeedPosition here = end_of(db());
    db_.reset();
    std::filesystem::remove(path() + "/IDENTITY");
    ASSERT_TRUE(Database::repair_directory(path(), RepairMode::apply, options_).identity_only);
    open(options_);
    visit(db());
    EXPECT_EQ(code_of([&] { return db().feed({.after = early}); }), ErrorCode::unknown_position);
    EXPECT_EQ(visits_after(db(), here), 1u);
}

/// A repair saves what can be read. Nobody knows which changes it has lost, so no position from
/// before it is continued.
TEST_F(RestoredPositionTest, ARepairIsAGap) {
    open(options_);
    const FeedOptions outside{.selections = {inserts(visits)}, .reader = "outside"};
    static_cast<void>(db().feed(outside));
    visit_many(db(), 5);
    const FeedPosition position = end_of(db());
    damage_and_repair();
    EXPECT_THAT(
        message_of(ErrorCode::feed_gap, [&] { static_cast<void>(db().feed({.after = position})); }),
        HasSubstr("repair"));
    EXPECT_THAT(message_of(ErrorCode::feed_gap, [&] { static_cast<void>(db().feed(outside)); }),
                testing::AllOf(HasSubstr("reader outside"), HasSubstr("drop_consumer")));
    db().drop_consumer("outside");
    visit(db());
    {
        Feed feed = db().feed(outside);
        EXPECT_FALSE(lines_of(feed).empty());
    }
    const FeedPosition here = end_of(db());
    visit(db());
    EXPECT_EQ(visits_after(db(), here), 1u);
    db().backup(place("backup"));
    erase_database();
    const Database database = restored("backup", "restored");
    EXPECT_EQ(code_of([&] { return database.feed({.after = position}); }), ErrorCode::feed_gap);
    EXPECT_EQ(visits_after(database, here), 1u);
}

}  // namespace
}  // namespace amphora::market
