// Where a feed begins that is asked for the oldest change, after the database was closed and opened.

#include "events/restored_market.hpp"

#include <gmock/gmock.h>

namespace amphora::market {
namespace {

class OldestChangeTest : public RestoredMarket {
  protected:
    /// Visits until some segments are full.
    void visit_on(int times) {
        for (int i = 0; i < times; ++i) made_.push_back(visit(db()).sequence);
    }
    /// The commits of all visits after `begin`.
    [[nodiscard]] std::vector<Sequence> made_after(Sequence begin) const {
        std::vector<Sequence> after;
        for (const Sequence sequence : made_) {
            if (sequence > begin) after.push_back(sequence);
        }
        return after;
    }
    static std::vector<Sequence> shown_by(Feed& feed) {
        std::vector<Sequence> shown;
        while (const Change* change = feed.next(0ms)) shown.push_back(change->commit().sequence);
        return shown;
    }

    std::vector<Sequence> made_;
};

/// Bytes of segments that were recycled can still be in their files. They are not shown, because
/// nothing says where they belong: what is shown has no gap, and reaches to the last commit.
TEST_F(OldestChangeTest, IsTheFirstOfWhatTheJournalHoldsWithoutAGap) {
    bool has_recycled = false;
    for (int opening = 0; opening < 4; ++opening) {
        reopen();
        const Sequence recycled = db().statistics().journal.recycled;
        Feed feed = db().feed({.selections = {inserts(visits)}});
        const Sequence begin = feed.position()->sequence();
        EXPECT_GE(begin, recycled);
        EXPECT_LE(begin, db().statistics().journal.recycled);
        EXPECT_EQ(shown_by(feed), made_after(begin)) << "opening " << opening;
        has_recycled = has_recycled || begin > Sequence{1};
        visit_on(200);
    }
    EXPECT_TRUE(has_recycled);
}

TEST_F(OldestChangeTest, IsTheFirstOneThatAReaderNeeds) {
    options_.feed_bytes_max = 16 << 20;
    reopen();
    {
        Feed printer = db().feed({.start = FeedStart::end, .reader = "printer"});
        printer.acknowledge(*printer.position());
    }
    for (int opening = 0; opening < 4; ++opening) {
        visit_on(100);
        reopen();
        Feed feed = db().feed({.selections = {inserts(visits)}});
        EXPECT_EQ(shown_by(feed), made_) << "opening " << opening;
    }
}

}  // namespace
}  // namespace amphora::market
