// OpenMode::live: a database that an owner has open, read without its help. Owner and observer are in
// one process here; tests/live has them in several.

#include "database/shop.hpp"
#include "support/comes_true.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace amphora::shop {
namespace {

using support::comes_true;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Schema with_cities{"shop", R"sql(
CREATE TABLE customers (
    customer_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    name  VARCHAR(20) NOT NULL,
    email VARCHAR(100) UNIQUE NOT NULL,
    spent INT NOT NULL DEFAULT 0 CHECK (spent >= 0),
    city VARCHAR(40)
);
CREATE COLLECTION visits (
    customer_id BIGINT NOT NULL REFERENCES customers (customer_id) ON DELETE CASCADE,
    at DATETIME NOT NULL DEFAULT NOW()
);
CREATE INDEX visits_by_customer ON visits (customer_id, at);
)sql"};

class LiveTest : public testing::Test {
  protected:
    LiveTest() {
        options_.profile = Profile::edge;
        open();
    }
    void open(const Schema& with = schema) {
        owner_.emplace(Database::open(path(), with, options_));
    }
    [[nodiscard]] std::string path() const { return directory_.database(); }
    [[nodiscard]] Database look() const {
        Options options;
        options.mode = OpenMode::live;
        return Database::open(path(), options);
    }
    /// A customer and a visit of theirs, in one commit.
    Commit sign_up(const std::string& name) {
        return owner_->write([&](Transaction& tx) {
            const std::int64_t id = add_customer(tx, name);
            tx.insert(visits, {{"customer_id", id}});
        });
    }
    void sign_up_many(const std::string& name, int times) {
        for (int i = 0; i < times; ++i) sign_up(name + std::to_string(i));
    }
    static void expect_both(const Snapshot& now, std::size_t signed_up) {
        EXPECT_EQ(count(now.scan(customers)), signed_up);
        EXPECT_EQ(count(now.scan(visits)), signed_up);
    }

    const Directory directory_;
    Options options_;
    std::optional<Database> owner_;
};

TEST_F(LiveTest, ShowsWhatIsCommittedBeforeItIsDelivered) {
    const Commit last = sign_up("kim");
    const Database live = look();
    const Snapshot now = live.snapshot();
    EXPECT_EQ(now.commit_seen(), last);
    expect_both(now, 1);
    EXPECT_TRUE(now.find(customers_by_email, {"kim@example.com"}));
}

TEST_F(LiveTest, ARefreshShowsWhatCameLaterAndOldSnapshotsStay) {
    sign_up("kim");
    Database live = look();
    const Snapshot before = live.snapshot();
    const Commit last = sign_up("lee");
    expect_both(live.snapshot(), 1);
    EXPECT_EQ(live.refresh(), last);
    expect_both(live.snapshot(), 2);
    expect_both(before, 1);
    EXPECT_EQ(live.refresh(), last) << "nothing new";
}

TEST_F(LiveTest, FollowsDeliveriesAndARecycledJournal) {
    sign_up("kim");
    Database live = look();
    for (int round = 1; round <= 5; ++round) {
        sign_up_many("round" + std::to_string(round) + "-", 40);
        const Commit last = sign_up("last" + std::to_string(round));
        if (round % 2 == 0) {
            ASSERT_TRUE(owner_->wait(last));
        }
        if (round % 3 == 0) owner_->compact();
        EXPECT_EQ(live.refresh(), last);
        expect_both(live.snapshot(), 1 + static_cast<std::size_t>(round) * 41);
    }
    EXPECT_THAT(live.check().findings, IsEmpty());
}

TEST_F(LiveTest, ContinuesOverTheOwnersEnd) {
    sign_up("kim");
    Database live = look();
    owner_.reset();
    live.refresh();
    expect_both(live.snapshot(), 1);
    expect_both(look().snapshot(), 1);
    open();
    const Commit last = sign_up("lee");
    EXPECT_EQ(live.refresh(), last);
    expect_both(live.snapshot(), 2);
}

TEST_F(LiveTest, ShowsAChangedSchemaAfterARefresh) {
    sign_up("kim");
    Database live = look();
    const Snapshot before = live.snapshot();
    owner_.reset();
    open(with_cities);
    owner_->write([](Transaction& tx) {
        tx.insert(customers,
                  Record{{"name", "lee"}, {"email", "lee@example.com"}, {"city", "Oslo"}});
    });
    live.refresh();
    const auto lee = live.snapshot().find(customers_by_email, {"lee@example.com"});
    ASSERT_TRUE(lee);
    EXPECT_EQ(to_string((*lee)["city"]), "Oslo");
    // Only the next owner knows for what pages there is use.
    EXPECT_EQ(code_of([&] { static_cast<void>(count(before.scan(customers))); }),
              ErrorCode::snapshot_expired);
}

TEST_F(LiveTest, AnyNumberLookAtTheSameTime) {
    sign_up("kim");
    std::vector<Database> all;
    for (int i = 0; i < 5; ++i) all.push_back(look());
    const Commit last = sign_up("lee");
    for (Database& live : all) {
        EXPECT_EQ(live.refresh(), last);
        expect_both(live.snapshot(), 2);
    }
}

TEST_F(LiveTest, ChangesNothing) {
    const Commit first = sign_up("kim");
    Database live = look();
    EXPECT_EQ(code_of([&] { live.write([](Transaction& tx) { add_customer(tx, "x"); }); }),
              ErrorCode::read_only);
    EXPECT_EQ(code_of([&] { live.compact(); }), ErrorCode::read_only);
    EXPECT_EQ(code_of([&] {
                  static_cast<void>(live.consume("c", changes(customers), [](auto&, auto&) {}));
              }),
              ErrorCode::read_only);
    EXPECT_EQ(code_of([&] { live.sync(first); }), ErrorCode::read_only);
    live.close();
    EXPECT_EQ(code_of([&] { static_cast<void>(live.snapshot()); }), ErrorCode::transaction_closed);
    EXPECT_EQ(code_of([&] { live.refresh(); }), ErrorCode::transaction_closed);
    expect_both(owner_->snapshot(), 1);
}

TEST_F(LiveTest, AFeedShowsWhatIsInTheJournal) {
    sign_up("kim");
    Database live = look();
    Feed feed = live.feed({.selections = {changes(customers)}});
    const Change* change = feed.next(std::chrono::milliseconds{0});
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(change->kind(), ChangeKind::insert);
    EXPECT_EQ(feed.next(std::chrono::milliseconds{0}), nullptr);
    sign_up("lee");
    live.refresh();
    change = feed.next(std::chrono::milliseconds{0});
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(to_string(change->row_after()->record()["name"]), "lee");
}

TEST_F(LiveTest, WhatIsNoDatabaseIsRefusedByName) {
    Options options;
    options.mode = OpenMode::live;
    EXPECT_EQ(code_of([&] {
                  static_cast<void>(Database::open(directory_.path() + "/nothing", options));
              }),
              ErrorCode::not_a_database);
    const std::string empty = directory_.path() + "/empty";
    std::filesystem::create_directory(empty);
    EXPECT_EQ(code_of([&] { static_cast<void>(Database::open(empty, options)); }),
              ErrorCode::not_a_database);
    EXPECT_TRUE(std::filesystem::is_empty(empty));
}

}  // namespace
}  // namespace amphora::shop
