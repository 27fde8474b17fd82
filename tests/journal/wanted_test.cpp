#include "journal/journal_cursor.hpp"
#include "journal_fixture.hpp"

namespace amphora::journal {
namespace {

/// A reader that wants only some commits is not troubled with the others, and misses none of its
/// own.
class WantedTest : public JournalOnDisk {
  protected:
    static constexpr CommitTags wanted = CommitTags::of_space(SpaceId{3});
    static constexpr CommitTags others = CommitTags::of_space(SpaceId{4});

    WantedTest() { open(); }
    std::unique_ptr<JournalCursor> reader(CommitTags tags = wanted) {
        HoldOptions options;
        options.wanted = tags;
        auto cursor = journal_->cursor(std::move(options));
        cursor->on_more([this] { ++told_; });
        return cursor;
    }
    Sequence commit_about(CommitTags tags, Durability durability = Durability::synced,
                          std::size_t bytes = 400) {
        journal_->reserve(bytes);
        last_ = next(last_);
        journal_->append(last_, durability, record_of(last_, bytes), tags);
        journal_->await_visible(last_);
        return last_;
    }

    int told_ = 0;
};

/// It waits, moves over what it does not want without being told, and is told of what it wants.
TEST_F(WantedTest, AReaderIsToldOnlyOfWhatItWants) {
    const auto cursor = reader();
    EXPECT_FALSE(cursor->next());
    const Sequence passed = commit_about(others);
    EXPECT_EQ(told_, 0);
    EXPECT_EQ(cursor->position(), passed);
    EXPECT_FALSE(cursor->next());
    const Sequence first = commit_about(wanted);
    EXPECT_EQ(told_, 1);
    commit_about(others);
    EXPECT_EQ(told_, 1);
    const auto entry = cursor->next();
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->sequence, first);
    EXPECT_EQ(entry->record, record_of(first));
    EXPECT_FALSE(cursor->next());
    EXPECT_EQ(cursor->position(), last_);
}

/// What is written and not durable is not passed: its sequence may be given to another commit after
/// a power cut.
TEST_F(WantedTest, WhatIsNotDurableIsNotPassed) {
    const auto cursor = reader();
    EXPECT_FALSE(cursor->next());
    const Sequence durable = commit_about(others);
    commit_about(others, Durability::written);
    EXPECT_FALSE(cursor->next());
    EXPECT_EQ(cursor->position(), durable);
    journal_->await_durable(last_);
    EXPECT_EQ(cursor->position(), last_);
}

/// A reader that begins far back, where the journal knows no tags any more, is given everything
/// there, and later only what it wants. Each is given what it wants exactly once, in order.
TEST_F(WantedTest, WhereTagsAreForgottenEverythingIsGiven) {
    std::vector<Sequence> expected;
    const auto cursor = reader();
    for (int i = 0; i < 20'000; ++i) {
        const bool is_wanted = i % 500 == 7;
        commit_about(is_wanted ? wanted : others, Durability::written, 40);
        if (is_wanted) expected.push_back(last_);
    }
    journal_->await_durable(last_);
    std::uint64_t given = 0;
    auto next_expected = expected.begin();
    while (const auto entry = cursor->next()) {
        ++given;
        ASSERT_EQ(entry->record, record_of(entry->sequence, 40));
        if (next_expected != expected.end() && entry->sequence == *next_expected) ++next_expected;
    }
    EXPECT_EQ(next_expected, expected.end());
    EXPECT_EQ(cursor->position(), last_);
    EXPECT_GT(given, 3000u);
    EXPECT_LT(given, 6000u);

    // One that begins later is given only what it wants, from wherever.
    for (std::size_t from = expected.size() - 5; from < expected.size(); ++from) {
        const auto later = reader();
        ASSERT_EQ(later->seek(expected[from]), JournalCursor::Seek::found);
        for (std::size_t i = from + 1; i < expected.size(); ++i) {
            const auto entry = later->next();
            ASSERT_TRUE(entry);
            EXPECT_EQ(entry->sequence, expected[i]);
        }
        EXPECT_FALSE(later->next());
    }
}

/// A reader that wants nothing of many segments keeps none of them, once it was told and has looked.
TEST_F(WantedTest, NoSegmentIsKeptForWhatNobodyWants) {
    const auto cursor = reader();
    EXPECT_FALSE(cursor->next());
    const auto segments_live = [this] { return journal_->statistics().segments_live; };
    const std::uint64_t segments_before = segments_live();
    while (segments_live() < segments_before + 3) {
        const int before = told_;
        commit_about(others, Durability::synced, 4000);
        if (told_ == before) continue;
        EXPECT_FALSE(cursor->next());
    }
    EXPECT_EQ(told_, 3);
    journal_->recycle(last_);
    EXPECT_EQ(segments_live(), 1u);
    const Sequence found = commit_about(wanted);
    const auto entry = cursor->next();
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->sequence, found);
}

/// Its owner can store how far it has come.
TEST_F(WantedTest, AReaderIsToldAfterManyCommits) {
    options_.first_segment_bytes = options_.segment_bytes = 16u << 20;
    open();
    const auto cursor = reader();
    EXPECT_FALSE(cursor->next());
    for (int i = 0; i < 3999; ++i) commit_about(others, Durability::buffered, 40);
    journal_->await_durable(last_);
    EXPECT_EQ(told_, 0);
    commit_about(others);
    EXPECT_EQ(told_, 1);
}

/// Somebody who waits for a commit that is not wanted hears of it.
TEST_F(WantedTest, AReaderIsToldOfAllWhereItAsks) {
    const auto cursor = reader();
    EXPECT_FALSE(cursor->next());
    cursor->tell_of_all(true);
    commit_about(others);
    EXPECT_EQ(told_, 1);
    EXPECT_FALSE(cursor->next());
    cursor->tell_of_all(false);
    commit_about(others);
    EXPECT_EQ(told_, 1);
}

/// A topic is wanted by its name, and by those who want all that begin with something.
TEST_F(WantedTest, TagsOfTopics) {
    const CommitTags event = CommitTags::of_event("orders.paid");
    EXPECT_TRUE(event.meet(CommitTags::of_topic("orders.paid")));
    EXPECT_TRUE(event.meet(CommitTags::of_all_topics()));
    EXPECT_FALSE(event.meet(CommitTags::of_topic("orders.sent")));
    EXPECT_FALSE(CommitTags::of_space(SpaceId{3}).meet(CommitTags::of_all_topics()));
    EXPECT_FALSE(CommitTags{}.meet(CommitTags::all()));
}

}  // namespace
}  // namespace amphora::journal
