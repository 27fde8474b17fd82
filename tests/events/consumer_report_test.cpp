// What a consumer says of itself.

#include "events/consumers.hpp"
#include "support/comes_true.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <stdexcept>

namespace amphora::market {
namespace {

using support::comes_true;
using testing::HasSubstr;

class ConsumerReportTest : public ConsumerTest {};

/// A program that has read `stopped` runs the consumer again. The name was still taken for a moment,
/// and so was the directory.
TEST_F(ConsumerReportTest, TheNameOfAStoppedConsumerIsFree) {
    quick_.exhausted = Exhausted::stops;
    quick_.attempts_max = 1;
    for (int id = 1; id <= 60; ++id) {
        const Subscription stopped = db().consume(
            "counting", inserts(visits),
            [](Transaction&, const Change&) { throw std::runtime_error{"no"}; }, quick_);
        visit(id);
        while (stopped.report().state != ConsumerState::stopped) std::this_thread::yield();
        const Subscription counting = db().consume(
            "counting", inserts(visits),
            [](Transaction& tx, const Change& change) { count(tx, id_of(change)); }, quick_);
        ASSERT_TRUE(counting.await(db().snapshot().commit_seen(), 20s));
        EXPECT_EQ(counted(std::to_string(id)), 1);
    }
}

/// Without this a consumer that waits for a full disk looked as if it worked.
TEST_F(ConsumerReportTest, AConsumerThatWaitsForRoomSaysSo) {
    std::atomic<bool> is_full{true};
    const Subscription counting = db().consume(
        "counting", inserts(visits),
        [&](Transaction& tx, const Change& change) {
            if (is_full) throw Error{ErrorCode::outbox_full, "the outbox is full"};
            count(tx, id_of(change));
        },
        quick_);
    EXPECT_EQ(counting.report().waits_for, "");
    const Commit last = visit(1);
    ASSERT_TRUE(comes_true([&] { return !counting.report().waits_for.empty(); }));
    EXPECT_THAT(counting.report().waits_for, HasSubstr("the outbox is full"));
    EXPECT_THAT(db().consumers().at(0).waits_for, HasSubstr("the outbox is full"));
    EXPECT_EQ(counting.report().attempts, 0u) << "the change has not failed";
    is_full = false;
    ASSERT_TRUE(counting.await(last, 20s));
    EXPECT_EQ(counting.report().waits_for, "");
    EXPECT_EQ(counted("1"), 1);
}

}  // namespace
}  // namespace amphora::market
