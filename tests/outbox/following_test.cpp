#include "outbox/pending_table.hpp"
#include "support/code_of.hpp"
#include "support/shown_tree.hpp"
#include "support/vessel.hpp"

#include <memory>
#include <optional>
#include <string>

namespace amphora::outbox {
namespace {

using support::code_of;
using support::ShownTree;
using support::Vessel;

/// An owner's outbox, and that of an observer, who reads the owner's journal and shows views of the
/// owner's trees.
class FollowingTest : public ::testing::Test {
  protected:
    FollowingTest() {
        options_.relays = RelayThreads::none;
        observe();
    }
    void observe() {
        observer_.reset();
        for (const TreeId tree : trees_all) show(tree);
        observer_ =
            std::make_unique<Outbox>(*owner_.journal, relational_, documents_, options_, Log{});
    }
    void follow() {
        owner_.journal->replay(observer_->published(),
                               [&](const journal::Entry& entry) { observer_->follow(entry); });
    }
    ShownTree& tree(TreeId id) { return id == TreeId::relational ? relational_ : documents_; }
    void show(TreeId id) { tree(id).show(tree(id).take()); }

    /// As a snapshot reads it: the pending list first, then the view.
    std::optional<std::string> find(TreeId id, const std::string& key) {
        const auto list = observer_->pending(id);
        const auto view = observer_->view(id);
        for (auto table = list->tables().rbegin(); table != list->tables().rend(); ++table) {
            const auto* const version =
                (*table)->find(key, KeyIndex::hash(key), observer_->visible());
            if (version == nullptr) continue;
            if (version->is_removal()) return std::nullopt;
            return std::string{version->value()};
        }
        Buffer scratch;
        const auto value = view->find(key, scratch);
        return value ? std::optional{std::string{*value}} : std::nullopt;
    }
    std::size_t tables(TreeId id) { return observer_->pending(id)->tables().size(); }

    Vessel owner_;
    OutboxOptions options_ = Vessel::quiet();
    ShownTree relational_{owner_.relational};
    ShownTree documents_{owner_.documents};
    std::unique_ptr<Outbox> observer_;
};

TEST_F(FollowingTest, FollowedCommitsArePendingUntilTheTreeShowsThem) {
    observer_->recover();
    owner_.commit({{"a", "1"}}, {{"x", "1"}});
    EXPECT_EQ(find(TreeId::relational, "a"), std::nullopt);
    follow();
    EXPECT_EQ(find(TreeId::relational, "a"), "1");
    EXPECT_EQ(find(TreeId::documents, "x"), "1");
    EXPECT_EQ(observer_->published(), Sequence{1});

    owner_.deliver_all();
    for (const TreeId id : trees_all) observer_->drop_delivered(id);
    EXPECT_EQ(find(TreeId::relational, "a"), "1") << "the tree shows its old view";
    for (const TreeId id : trees_all) {
        show(id);
        observer_->drop_delivered(id);
        EXPECT_EQ(tables(id), 1u);
        EXPECT_EQ(observer_->statistics().trees[index_of(id)].pending_entries, 0u);
        EXPECT_EQ(observer_->statistics().trees[index_of(id)].progress.delivered, Sequence{1});
    }
    EXPECT_EQ(find(TreeId::relational, "a"), "1");
    EXPECT_EQ(find(TreeId::documents, "x"), "1");
}

/// The owner writes all the time, so its trees never have the newest commits. What the observer
/// keeps does not grow for that.
TEST_F(FollowingTest, TablesGoAlsoIfTheTreeNeverShowsTheNewestCommit) {
    observer_->recover();
    for (int i = 0; i < 50; ++i) {
        owner_.commit({{std::to_string(i), "1"}}, {});
        follow();
        owner_.deliver(TreeId::relational, owner_.outbox->published());
        const auto view = relational_.take();
        owner_.commit({{"newest", std::to_string(i)}}, {});
        follow();
        relational_.show(view);
        observer_->drop_delivered(TreeId::relational);
        EXPECT_EQ(find(TreeId::relational, "newest"), std::to_string(i));
        for (int j = 0; j <= i; ++j) EXPECT_EQ(find(TreeId::relational, std::to_string(j)), "1");
        EXPECT_LE(tables(TreeId::relational), 3u);
    }
    EXPECT_LE(observer_->statistics().trees[0].pending_entries, 4u);
}

TEST_F(FollowingTest, ContinuesAfterWhatRecoveryFound) {
    observer_.reset();
    owner_.commit({{"a", "1"}});
    owner_.deliver(TreeId::relational, Sequence{1});
    owner_.commit({{"b", "2"}}, {{"y", "2"}});
    const auto remains = owner_.kill();
    owner_.open(remains);
    observe();
    observer_->recover();
    EXPECT_EQ(observer_->published(), Sequence{2});
    EXPECT_EQ(find(TreeId::relational, "b"), "2");
    owner_.commit({{"b", std::nullopt}}, {{"y", "3"}});
    follow();
    EXPECT_EQ(find(TreeId::relational, "a"), "1");
    EXPECT_EQ(find(TreeId::relational, "b"), std::nullopt);
    EXPECT_EQ(find(TreeId::documents, "y"), "3");
}

TEST_F(FollowingTest, ACommitThatIsNotTheNextIsRefused) {
    observer_->recover();
    const Buffer record = support::encode_record({{"a", "1"}});
    const auto follow_one = [&](std::uint64_t sequence, Bytes bytes) {
        observer_->follow({.sequence = Sequence{sequence}, .epoch = Epoch{1}, .record = bytes});
    };
    EXPECT_EQ(code_of([&] { follow_one(2, record); }), ErrorCode::corrupt);
    EXPECT_EQ(code_of([&] { follow_one(1, Bytes{"\2nonsense"}); }), ErrorCode::corrupt);
    EXPECT_EQ(observer_->published(), Sequence{});
    follow_one(1, record);
    EXPECT_EQ(code_of([&] { follow_one(1, record); }), ErrorCode::corrupt);
    EXPECT_EQ(observer_->published(), Sequence{1});
}

TEST_F(FollowingTest, ReadersAreToldOfEachNewView) {
    observer_->recover();
    int calls = 0;
    observer_->on_delivered([&calls] { ++calls; });
    observer_->drop_delivered(TreeId::relational);
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace amphora::outbox
