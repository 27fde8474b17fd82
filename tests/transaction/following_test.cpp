#include "journal/following/followed_journal.hpp"
#include "journal/following/overtaken.hpp"
#include "support/engine_vessel.hpp"
#include "support/lossy_disk.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace amphora::transaction {
namespace {

using support::Content;
using support::Writes;

/// A database as two processes see it: an owner that commits to the journal, and an observer with
/// trees that the owner changes, and an outbox that follows the journal.
class FollowingTest : public ::testing::Test {
  protected:
    static constexpr const char* directory = "db/journal";

    FollowingTest() {
        identity_.database.bytes[0] = 5;
        options_.relays = outbox::RelayThreads::none;
        disk_.make_directory(directory);
        journal::Journal::create(disk_, directory, identity_);
        open_owner();
    }
    ~FollowingTest() override { end_observer(); }

    // The owner.

    void open_owner() {
        owner_.reset();
        owner_ = journal::Journal::open(disk_, directory, identity_, std::vector{Mark{}},
                                        journal::Journal::Mode::read_write,
                                        {.segment_bytes = 256u << 10,
                                         .first_segment_bytes = 32u << 10,
                                         .reserve_bytes = 0,
                                         .background = journal::Background::manual});
    }
    /// Commits are published and written, and visible at once.
    Sequence commit(const Writes& rows, const Writes& docs = {}) {
        Buffer record = support::encode_record(rows, docs);
        owner_->reserve(record.size());
        history_.push_back({rows, docs});
        const Sequence sequence{history_.size()};
        owner_->append(sequence, Durability::written, std::move(record));
        owner_->await_visible(sequence);
        return sequence;
    }
    /// The commit `n` stores its number in both trees, and removes the key of an earlier one.
    void commit_numbers(int count) {
        for (int i = 0; i < count; ++i) {
            const std::string number = std::to_string(history_.size() + 1);
            const std::string gone = key("old", (history_.size() * 7) % (history_.size() + 1));
            commit({{key("count"), number}, {key("new", history_.size()), number}, {gone, {}}},
                   {{key("count"), number}, {key("doc", history_.size() % 10), number}});
        }
    }
    static std::string key(const std::string& name, std::uint64_t at = 0) {
        return std::string{"\0\0\0\4", 4} + name + std::to_string(at);
    }
    /// The owner's relay has delivered, and the observer's tree shows it.
    void show(TreeId tree, Sequence upto) {
        support::MemoryTree& shown = tree_of(tree);
        Writes changed;
        for (auto at = number(shown.delivered().sequence); at < number(upto); ++at) {
            for (const auto& [name, value] : history_[at][index_of(tree)]) changed[name] = value;
        }
        std::vector<tree::Change> changes;
        for (const auto& [name, value] : changed) {
            tree::Change change{.key = name, .value = {}};
            if (value) change.value = *value;
            changes.push_back(change);
        }
        owner_->await_durable(upto);
        shown.apply(changes, owner_->mark_of(upto));
    }
    Content truth(TreeId tree, Sequence upto) const {
        Content content;
        for (std::size_t at = 0; at < number(upto); ++at) {
            support::fold_into(content, history_[at][index_of(tree)]);
        }
        return content;
    }

    // The observer.

    void open_observer() {
        end_observer();
        const Mark rows = relational_.delivered();
        const Mark docs = documents_.delivered();
        followed_ = journal::FollowedJournal::open(disk_, directory, identity_,
                                                   rows.sequence < docs.sequence ? rows : docs,
                                                   owner_->visible());
        outbox_ =
            std::make_unique<outbox::Outbox>(*followed_, relational_, documents_, options_, Log{});
        outbox_->recover();
        engine_ = std::make_unique<Engine>(*outbox_, EngineOptions{});
    }
    void end_observer() {
        engine_.reset();
        outbox_.reset();
        followed_.reset();
    }
    void advance() {
        followed_->advance(owner_->visible(),
                           [&](const journal::Entry& entry) { outbox_->follow(entry); });
    }
    void advance_and_show(TreeId tree, Sequence upto) {
        advance();
        show(tree, upto);
        outbox_->drop_delivered(tree);
    }
    void expect_snapshot_of(Sequence sequence) {
        const auto snapshot = engine_->snapshot();
        EXPECT_EQ(snapshot->commit_seen().sequence, sequence);
        for (const TreeId tree : trees_all) {
            EXPECT_EQ(support::content_of(*snapshot, tree), truth(tree, sequence))
                << "commit " << number(sequence) << " of the " << to_string(tree) << " tree";
        }
    }
    [[nodiscard]] outbox::RelayStatistics pending(TreeId tree) const {
        return outbox_->statistics().trees[index_of(tree)];
    }
    support::MemoryTree& tree_of(TreeId tree) {
        return tree == TreeId::relational ? relational_ : documents_;
    }

    support::LossyDisk disk_{1};
    Identity identity_;
    std::unique_ptr<journal::Journal> owner_;
    std::vector<std::array<Writes, trees_count>> history_;

    outbox::OutboxOptions options_;
    support::MemoryTree relational_;
    support::MemoryTree documents_;
    std::unique_ptr<journal::FollowedJournal> followed_;
    std::unique_ptr<outbox::Outbox> outbox_;
    std::unique_ptr<Engine> engine_;
};

TEST_F(FollowingTest, ShowsEachCommitInBothTreesHoweverFarTheyAre) {
    commit_numbers(5);
    show(TreeId::documents, Sequence{3});
    open_observer();
    expect_snapshot_of(Sequence{5});
    commit_numbers(20);
    expect_snapshot_of(Sequence{5});
    advance();
    expect_snapshot_of(Sequence{25});
    advance_and_show(TreeId::relational, Sequence{9});
    expect_snapshot_of(Sequence{25});
    commit_numbers(3);
    advance_and_show(TreeId::relational, Sequence{28});
    expect_snapshot_of(Sequence{28});
    advance_and_show(TreeId::documents, Sequence{26});
    expect_snapshot_of(Sequence{28});
}

TEST_F(FollowingTest, ACommitIsNotShownBeforeTheWholeAdvanceIsKnownToBeValid) {
    open_observer();
    commit_numbers(4);
    const Sequence limit = owner_->visible();
    followed_->advance(limit, [&](const journal::Entry& entry) {
        outbox_->follow(entry);
        EXPECT_EQ(outbox_->published(), entry.sequence);
        expect_snapshot_of(Sequence{});
    });
    expect_snapshot_of(limit);
}

/// What was read before the owner was found to be another one is never shown.
TEST_F(FollowingTest, NothingOfAnOvertakenAdvanceIsShown) {
    open_observer();
    commit_numbers(2);
    advance();
    open_owner();
    commit_numbers(3);
    EXPECT_THROW(advance(), journal::Overtaken);
    expect_snapshot_of(Sequence{2});
    open_observer();
    expect_snapshot_of(Sequence{5});
}

TEST_F(FollowingTest, NamesTheEpochOfEachCommit) {
    commit_numbers(2);
    const Epoch first = owner_->recovery().epoch;
    open_owner();
    const Epoch second = owner_->recovery().epoch;
    ASSERT_NE(first, second);
    open_observer();
    EXPECT_EQ(engine_->snapshot()->commit_seen(),
              (Commit{.epoch = first, .sequence = Sequence{2}}));
    commit_numbers(1);
    advance();
    const Commit third{.epoch = second, .sequence = Sequence{3}};
    EXPECT_EQ(engine_->snapshot()->commit_seen(), third);
    advance_and_show(TreeId::relational, Sequence{3});
    EXPECT_EQ(engine_->snapshot()->commit_seen(), third);
    advance_and_show(TreeId::documents, Sequence{3});
    open_observer();
    EXPECT_EQ(engine_->snapshot()->commit_seen(), third);
}

/// A table that the view shows only in part stays. The next view makes it go, although it is small.
TEST_F(FollowingTest, DropsATableOnceTheViewShowsAllOfIt) {
    open_observer();
    commit_numbers(10);
    advance_and_show(TreeId::relational, Sequence{6});
    EXPECT_GT(pending(TreeId::relational).pending_entries, 0u);
    expect_snapshot_of(Sequence{10});
    commit_numbers(1);
    advance_and_show(TreeId::relational, Sequence{10});
    expect_snapshot_of(Sequence{11});
    advance_and_show(TreeId::relational, Sequence{11});
    EXPECT_EQ(pending(TreeId::relational).pending_entries, 0u);
    EXPECT_EQ(pending(TreeId::documents).pending_entries, 22u) << "its view is the first one";
    expect_snapshot_of(Sequence{11});
}

/// As long as the trees follow, the memory of what they show is given back.
TEST_F(FollowingTest, TakesNoMoreMemoryAfterManyViews) {
    open_observer();
    std::uint64_t bytes = 0;
    for (int round = 0; round < 60; ++round) {
        commit_numbers(20);
        for (const TreeId tree : trees_all) advance_and_show(tree, Sequence{history_.size() - 5});
        bytes = std::max(bytes, pending(TreeId::relational).pending_bytes +
                                    pending(TreeId::documents).pending_bytes);
        EXPECT_LE(pending(TreeId::documents).pending_tables, 3u);
    }
    EXPECT_LT(bytes, 1u << 20);
    expect_snapshot_of(Sequence{history_.size()});
}

TEST_F(FollowingTest, PendingCommitsTakeLittleMoreThanTheirBytes) {
    open_observer();
    std::uint64_t bytes = 0;
    const std::string value(1000, 'v');
    for (int i = 0; i < 3000; ++i) {
        commit({}, {{key("doc", static_cast<std::uint64_t>(i)), value}});
        bytes += value.size() + key("doc", static_cast<std::uint64_t>(i)).size();
    }
    advance();
    EXPECT_LT(pending(TreeId::documents).pending_bytes, bytes * 12 / 10 + (1u << 20));
    EXPECT_LT(pending(TreeId::relational).pending_bytes, 128u << 10);
}

/// A snapshot that is being taken while a new view is shown may have the old view. It must not be
/// kept for later snapshots: the old view's pages may be reused.
TEST_F(FollowingTest, AnOldViewIsNotKeptForLaterSnapshots) {
    commit_numbers(10);
    open_observer();
    bool is_first = true;
    std::uint64_t views = 0;
    // The view is made between the two calls of the hook.
    documents_.when_viewed([&] {
        if (++views != 2 || !std::exchange(is_first, false)) return;
        show(TreeId::documents, Sequence{4});
        outbox_->drop_delivered(TreeId::documents);
    });
    static_cast<void>(engine_->snapshot());
    ASSERT_FALSE(is_first);
    views = 0;
    expect_snapshot_of(Sequence{10});
    EXPECT_GT(views, 0u) << "the new view is not asked for";
    documents_.when_viewed({});
}

/// While one thread follows, others take snapshots. Each shows both trees as of one commit, whole,
/// and never an older one than before.
TEST_F(FollowingTest, AnyThreadMayTakeSnapshotsMeanwhile) {
    support::Random random;
    options_.seal_bytes = 2000;
    for (const TreeId tree : trees_all) {
        tree_of(tree).when_viewed([] { std::this_thread::yield(); });
    }
    commit_numbers(1);
    open_observer();
    std::atomic<bool> ends{false};
    std::atomic<std::uint64_t> snapshots{0};
    const auto read = [&] {
        Sequence before{};
        while (!ends.load()) {
            const auto snapshot = engine_->snapshot();
            const Sequence seen = snapshot->commit_seen().sequence;
            ASSERT_GE(seen, before);
            before = seen;
            const std::string expected = std::to_string(number(seen));
            for (const TreeId tree : trees_all) {
                ASSERT_EQ(support::find(*snapshot, tree, key("count")), expected)
                    << to_string(tree) << ", " << random.seed_text();
            }
            ++snapshots;
        }
    };
    {
        const std::jthread first{read};
        const std::jthread second{read};
        for (int round = 0; round < 400; ++round) {
            commit_numbers(static_cast<int>(random() % 6));
            advance();
            for (const TreeId tree : trees_all) {
                const auto shown = number(tree_of(tree).delivered().sequence);
                const auto lag = history_.size() - shown;
                if (lag == 0 || random.once_in(3)) continue;
                show(tree, Sequence{shown + 1 + random() % lag});
                outbox_->drop_delivered(tree);
            }
        }
        EXPECT_TRUE(support::comes_true([&] { return snapshots.load() > 100; }));
        ends.store(true);
    }
    expect_snapshot_of(Sequence{history_.size()});
}

}  // namespace
}  // namespace amphora::transaction
