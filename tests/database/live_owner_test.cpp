// What the owner of a database keeps for observers, and for how long. The observers here only hold the
// locks of observers.

#include "database/live/live_owner.hpp"

#include "base/clock.hpp"
#include "base/range_lock.hpp"
#include "database/live/observers_file.hpp"
#include "support/code_of.hpp"
#include "support/scratch_directory.hpp"
#include "tree/foreign.hpp"
#include "tree/trees.hpp"

#include <amphora/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace amphora::live {
namespace {

using support::code_of;
using testing::IsEmpty;
using testing::SizeIs;
using tree::testing::Batch;
using tree::testing::identity_of;
using tree::testing::mark_at;

/// The system's clock, except for what processes of a machine share, which the test moves.
class MovedUptime final : public Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const noexcept override {
        return operating_system_clock().now_us();
    }
    [[nodiscard]] std::int64_t steady_ms() const noexcept override {
        return operating_system_clock().steady_ms();
    }
    [[nodiscard]] std::int64_t uptime_ms() const noexcept override { return ms; }

    std::int64_t ms = 1'000'000;
};

class LiveOwnerTest : public ::testing::Test {
  protected:
    LiveOwnerTest() { reopen(tree::OpenMode::create); }

    void reopen(tree::OpenMode mode = tree::OpenMode::read_write) {
        owner_.reset();
        tree_.reset();
        tree_ = tree::testing::open_tree(tree::testing::Kind::lmdb, relational(), mode);
    }
    void begin(std::uint32_t age_ms_max = 0) {
        owner_ = std::make_unique<LiveOwner>(scratch_.path(), identity_of(7), age_ms_max, nullptr);
    }
    void begin_and_guard(std::uint32_t age_ms_max = 0) {
        begin(age_ms_max);
        owner_->guard(*tree_);
    }
    /// As a relay delivers: every entry gets a new value.
    void deliver() {
        owner_->before_delivery();
        ++delivered_;
        Batch batch;
        for (int key = 0; key < entries; ++key) batch.put(key_of(key), value_of(delivered_));
        tree_->apply(batch.changes(), mark_at(delivered_));
    }
    [[nodiscard]] OwnerPart said() const {
        return decode_owner_part(PageReader{page()}.part(static_cast<std::size_t>(Part::owner)));
    }
    [[nodiscard]] std::vector<Pin> pins() const { return said().pins; }
    void pass(std::int64_t ms) {
        clock_.ms += ms;
        owner_->before_delivery();
    }
    static std::string key_of(int key) { return "key" + std::to_string(1000 + key); }
    static std::string value_of(std::uint64_t delivery) {
        return std::string(100, static_cast<char>('a' + delivery % 26)) + std::to_string(delivery);
    }
    [[nodiscard]] std::string page() const { return scratch_ / page_name; }
    [[nodiscard]] std::string observers() const { return scratch_ / observers_name; }
    [[nodiscard]] std::string relational() const { return scratch_ / "relational"; }

    static constexpr int entries = 200;

    MovedUptime clock_;
    ClockInUse in_use_{clock_};
    support::ScratchDirectory scratch_;
    std::unique_ptr<tree::Tree> tree_;
    std::unique_ptr<LiveOwner> owner_;
    std::uint64_t delivered_ = 0;
};

TEST_F(LiveOwnerTest, NothingIsPinnedWhileNobodyLooks) {
    begin_and_guard();
    deliver();
    pass(1000);
    deliver();
    EXPECT_THAT(pins(), IsEmpty());
    EXPECT_EQ(tree_->statistics().readers, 0u);
}

/// The delivery that comes after the lock may free pages, so the pin is in LIVE before it.
TEST_F(LiveOwnerTest, WhatADeliveryReplacesIsPinnedBefore) {
    begin_and_guard();
    deliver();
    const std::uint64_t before = tree_->view()->version();
    RangeLock observer{observers()};
    observer.hold(0);
    deliver();
    ASSERT_THAT(pins(), SizeIs(1));
    EXPECT_EQ(pins()[0].from, before);
    EXPECT_EQ(pins()[0].until_ms, clock_.ms + pin_ms);
    EXPECT_EQ(tree_->statistics().readers, 1u);
}

/// Each delivery replaces every page of the tree. What was there when an observer came is read as it
/// was after so many deliveries that LMDB would have reused its pages many times.
TEST_F(LiveOwnerTest, PinnedPagesAreNotReused) {
    begin_and_guard();
    deliver();
    RangeLock observer{observers()};
    observer.hold(0);
    owner_->before_delivery();
    const auto foreign = tree::testing::look_at(relational());
    for (int i = 0; i < 60; ++i) {
        clock_.ms += 150;
        deliver();
    }
    Buffer scratch;
    for (int key = 0; key < entries; ++key) {
        ASSERT_EQ(foreign->view()->find(key_of(key), scratch), value_of(1)) << key;
    }
}

TEST_F(LiveOwnerTest, APinEndsWithItsTimeAndNotBefore) {
    begin_and_guard();
    RangeLock observer{observers()};
    observer.hold(0);
    deliver();
    const Pin first = pins().at(0);
    observer.release(0);
    pass(pin_ms - 1);
    ASSERT_THAT(pins(), SizeIs(1)) << "the observer may be reading still";
    EXPECT_EQ(pins()[0], first);
    pass(1);
    EXPECT_THAT(pins(), IsEmpty());
    EXPECT_EQ(tree_->statistics().readers, 0u);
}

/// A newcomer reads the newest state, and that must not be much older than the newest pin: old pins end,
/// and with them the room that they take.
TEST_F(LiveOwnerTest, ThereIsAlwaysAFreshPinWhileSomebodyLooks) {
    begin_and_guard();
    RangeLock observer{observers()};
    observer.hold(0);
    for (int i = 0; i < 200; ++i) {
        clock_.ms += 300;
        deliver();
        const std::vector<Pin> now = pins();
        ASSERT_FALSE(now.empty());
        EXPECT_LE(now.size(), 6u);
        EXPECT_GE(now.back().until_ms, clock_.ms + pin_ms - 2000);
    }
}

TEST_F(LiveOwnerTest, AWishKeepsItsPinAndNoOther) {
    begin_and_guard();
    RangeLock observer{observers()};
    observer.hold(0);
    deliver();
    const Pin wished = pins().at(0);
    std::uint64_t byte = 0;
    for (int i = 0; i < 40; ++i) {
        const std::uint64_t next = wish_byte(wished.number, clock_.ms);
        observer.hold(next);
        if (byte != 0 && byte != next) observer.release(byte);
        byte = next;
        clock_.ms += 1000;
        deliver();
        ASSERT_FALSE(pins().empty());
        EXPECT_EQ(pins()[0].number, wished.number);
        EXPECT_EQ(pins()[0].from, wished.from);
        EXPECT_EQ(pins()[0].until_ms, clock_.ms + pin_ms);
    }
    EXPECT_LE(pins().size(), 7u) << "the other ones ended";
}

/// A stopped observer still holds its locks, and does not renew them.
TEST_F(LiveOwnerTest, AStoppedObserverPinsNothingForLong) {
    begin_and_guard();
    RangeLock observer{observers()};
    observer.hold(0);
    deliver();
    const Pin pin = pins().at(0);
    observer.hold(wish_byte(pin.number, clock_.ms));
    const std::int64_t end_ms = clock_.ms + pin_ms + wish_ms_max + 1000;  // wishes are in seconds
    while (clock_.ms < end_ms) {
        clock_.ms += 100;
        deliver();
    }
    for (const Pin& each : pins()) EXPECT_NE(each.number, pin.number);
}

TEST_F(LiveOwnerTest, AKilledObserverLeavesNothing) {
    begin_and_guard();
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        RangeLock observer{observers()};
        observer.hold(0);
        static_cast<void>(!::write(ready[1], "x", 1));
        for (;;) ::pause();
    }
    char is_ready = 0;
    ASSERT_EQ(::read(ready[0], &is_ready, 1), 1);
    ::close(ready[0]);
    ::close(ready[1]);
    deliver();
    EXPECT_THAT(pins(), SizeIs(1));
    EXPECT_EQ(owner_->observers(), 1u);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_EQ(owner_->observers(), 0u);
    pass(pin_ms);
    EXPECT_THAT(pins(), IsEmpty());
}

TEST_F(LiveOwnerTest, TheAgeOfSnapshotsBoundsAPin) {
    begin_and_guard(3000);
    RangeLock observer{observers()};
    observer.hold(0);
    deliver();
    const Pin pin = pins().at(0);
    EXPECT_EQ(pin.until_ms, clock_.ms + 3000);
    pass(2000);
    observer.hold(wish_byte(pin.number, clock_.ms));
    pass(900);
    EXPECT_EQ(pins().at(0), pin) << "although it is wished";
    pass(100);
    for (const Pin& each : pins()) EXPECT_NE(each.number, pin.number);
}

/// Somebody may be reading without an owner. The opening pins what they see, before it delivers.
TEST_F(LiveOwnerTest, AnOpeningPinsTheStateThatItFinds) {
    begin_and_guard();
    deliver();
    reopen();
    RangeLock observer{observers()};
    observer.hold(0);
    const std::uint64_t found = tree_->view()->version();
    begin();
    EXPECT_EQ(said().state, OwnerState::opening);
    owner_->guard(*tree_);
    ASSERT_THAT(pins(), SizeIs(1));
    EXPECT_EQ(pins()[0].from, found);
    EXPECT_EQ(said().state, OwnerState::opening);
    owner_->open(Epoch{4}, [] { return Statistics{}; });
    EXPECT_EQ(said().state, OwnerState::open);
    EXPECT_EQ(said().epoch, Epoch{4});
    owner_->close();
    EXPECT_EQ(said().state, OwnerState::closed);
    EXPECT_THAT(pins(), IsEmpty());
}

/// Its pins were released with the process, so nobody may trust them once there is another owner.
TEST_F(LiveOwnerTest, TheNextOwnerDisownsThePinsOfOneThatWasKilled) {
    const pid_t child = ::fork();
    if (child == 0) {
        begin();
        RangeLock observer{observers()};
        observer.hold(0);
        owner_->guard(*tree_);
        ::_exit(pins().size() == 1 ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    begin();
    const OwnerPart part = said();
    EXPECT_EQ(part.generation, PageReader{page()}.word(static_cast<std::size_t>(Word::generation)));
    EXPECT_THAT(part.pins, IsEmpty());
}

TEST_F(LiveOwnerTest, EachOpeningHasAGenerationOfItsOwn) {
    begin();
    const std::uint64_t first = said().generation;
    owner_.reset();
    EXPECT_EQ(said().generation, first) << "closing is no opening";
    begin();
    EXPECT_EQ(said().generation, first + 1);
}

TEST_F(LiveOwnerTest, APageThatIsNoneIsReplaced) {
    std::ofstream{page()} << "a letter";
    begin();
    EXPECT_EQ(said().identity, identity_of(7));
}

TEST_F(LiveOwnerTest, TheLastCommitsAreWords) {
    begin();
    owner_->advance(Sequence{18}, Sequence{17});
    const PageReader reader{page()};
    EXPECT_EQ(reader.word(static_cast<std::size_t>(Word::visible)), 18u);
    EXPECT_EQ(reader.word(static_cast<std::size_t>(Word::durable)), 17u);
}

}  // namespace
}  // namespace amphora::live
