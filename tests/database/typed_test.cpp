// Rows as structs: what a program says about one column changes nothing of another.

#include "typed.hpp"
#include "support/code_of.hpp"

#include <amphora/amphora.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace amphora::typed_test {
namespace {

using namespace ::typed;

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using support::code_of;

class Typed : public testing::Test {
  protected:
    std::int64_t add(const std::string& name, std::int32_t points = 0) {
        return db
            .write([&](Transaction& tx) {
                return tx
                    .insert(players,
                            {.name = name, .email = name + "@example.com", .points = points})
                    .player_id;
            })
            .value;
    }
    [[nodiscard]] Player read(std::int64_t id) const {
        return db.snapshot().find(players, id).value();
    }

    Database db = Database::temporary(schema);
};

/// Kim has 70 points and changes the name. The points stay.
TEST_F(Typed, AnUpdateChangesOnlyWhatItNames) {
    const std::int64_t kim = add("Kim", 70);
    const Player before = read(kim);
    db.write([&](Transaction& tx) {
        EXPECT_TRUE(tx.update(players, kim, set(&Player::name, "Lee")));
        EXPECT_EQ(tx.find(players, kim)->points, 70);
        EXPECT_FALSE(tx.update(players, kim + 1, set(&Player::name, "Nobody")));
    });
    const Player after = read(kim);
    EXPECT_EQ(after.name, "Lee");
    EXPECT_EQ(after.points, 70);
    EXPECT_EQ(after.email, "Kim@example.com");
    EXPECT_EQ(after.seen_at, before.seen_at);
    EXPECT_NE(after.changed_at, std::nullopt) << "ON UPDATE NOW()";
}

TEST_F(Typed, AnUpdateSetsSeveralColumnsAndNull) {
    const std::int64_t kim = add("Kim");
    db.write([&](Transaction& tx) {
        tx.update(players, kim, set(&Player::phone, "123"), set(&Player::rank, PlayerRank::master),
                  set(&Player::points, 5));
    });
    EXPECT_EQ(read(kim).phone, "123");
    EXPECT_EQ(read(kim).rank, PlayerRank::master);
    EXPECT_EQ(read(kim).points, 5);
    db.write([&](Transaction& tx) { tx.update(players, kim, set(&Player::phone, std::nullopt)); });
    EXPECT_EQ(read(kim).phone, std::nullopt);
    EXPECT_EQ(read(kim).points, 5);
}

TEST_F(Typed, AFunctionChangesARowInPlace) {
    const std::int64_t kim = add("Kim", 70);
    db.write([&](Transaction& tx) {
        EXPECT_TRUE(tx.update(players, kim, [](Player& player) { player.points += 5; }));
        EXPECT_FALSE(
            tx.update(players, kim + 1, [](Player&) { FAIL() << "there is no such row"; }));
    });
    EXPECT_EQ(read(kim).points, 75);
    EXPECT_EQ(read(kim).name, "Kim");
}

/// A replacement is a new row in the place of the old one: what it does not name has its DEFAULT.
TEST_F(Typed, AReplacementResetsWhatItDoesNotName) {
    const std::int64_t kim = add("Kim", 70);
    db.write([&](Transaction& tx) {
        EXPECT_TRUE(
            tx.replace(players, {.player_id = kim, .name = "Kim", .email = "new@example.com"}));
        EXPECT_FALSE(
            tx.replace(players, {.player_id = kim + 1, .name = "Lee", .email = "lee@b.org"}));
    });
    EXPECT_EQ(read(kim).points, 0);
    EXPECT_EQ(read(kim).email, "new@example.com");
    EXPECT_FALSE(db.snapshot().find(players, kim + 1));
}

TEST_F(Typed, ARecordReplacesARowToo) {
    const std::int64_t kim = add("Kim", 70);
    const Table table{"players"};
    db.write([&](Transaction& tx) {
        EXPECT_TRUE(tx.replace(table, {{"player_id", kim}, {"name", "Lee"}, {"email", "l@b.org"}}));
        EXPECT_FALSE(
            tx.replace(table, {{"player_id", kim + 1}, {"name", "A"}, {"email", "a@b.org"}}));
        EXPECT_EQ(code_of([&] {
                      tx.replace(table, {{"name", "A"}, {"email", "a@b.org"}});
                  }),
                  ErrorCode::invalid_argument)
            << "the primary key is missing";
        EXPECT_EQ(code_of([&] {
                      tx.replace(table, {{"player_id", kim}, {"name", "A"}});
                  }),
                  ErrorCode::not_null_violation)
            << "email has no DEFAULT";
    });
    EXPECT_EQ(read(kim).name, "Lee");
    EXPECT_EQ(read(kim).points, 0);
}

/// A row that was read can be stored again, whole.
TEST_F(Typed, ARowThatWasReadIsStoredAsItWas) {
    const std::int64_t kim = add("Kim", 70);
    Player row = read(kim);
    db.write([&](Transaction& tx) {
        tx.erase(players, kim);
        EXPECT_EQ(tx.insert(players, row).points, 70);
        row.points = 71;
        EXPECT_TRUE(tx.replace(players, row));
        row.points = 72;
        EXPECT_EQ(tx.put(players, row).points, 72);
    });
    EXPECT_EQ(read(kim).points, 72);
    EXPECT_EQ(read(kim).seen_at, row.seen_at);
}

TEST_F(Typed, AKeyOfSeveralColumnsHasOneShape) {
    const std::int64_t kim = add("Kim");
    db.write([&](Transaction& tx) {
        tx.insert(scores, {.player_id = kim, .game = "chess", .fee = 2});
        tx.insert(scores, {.player_id = kim, .game = "go", .fee = Decimal{"3.50"}});
        EXPECT_EQ(tx.find(scores, {kim, "go"})->fee, Decimal{"3.5"});
        EXPECT_TRUE(tx.update(scores, {kim, "go"}, set(&Score::fee, 4)));
        EXPECT_EQ(tx.find(scores, std::tuple{kim, "go"})->fee, Decimal{4});
        EXPECT_EQ(tx.find(scores, {kim, "go"})->length, Time{10min});
        EXPECT_TRUE(tx.erase(scores, {kim, "go"}));
        EXPECT_FALSE(tx.erase(scores, {kim, "go"}));
        EXPECT_EQ(tx.find(Table{"scores"}, {kim, "chess"}).value()["game"], Value{"chess"});
        EXPECT_EQ(tx.find(Table{"players"}, kim).value()["name"], Value{"Kim"});
        EXPECT_TRUE(tx.erase(Table{"scores"}, {kim, "chess"}));
    });
}

TEST_F(Typed, AScanOfAnIndexIsInItsOrder) {
    add("Kim", 30);
    add("Lee", 10);
    add("Max", 20);
    const Snapshot now = db.snapshot();
    std::vector<std::int32_t> points;
    for (const Player& player : now.scan(players_by_points)) points.push_back(player.points);
    EXPECT_EQ(points, (std::vector{10, 20, 30}));
    points.clear();
    for (const Player& player : now.scan(players_by_points, where(&Player::points) > 10,
                                         {.direction = Direction::backward})) {
        points.push_back(player.points);
    }
    EXPECT_EQ(points, (std::vector{30, 20}));
    std::vector<std::string> names;
    for (const RowView& row : now.scan(Index{"players", "players_by_email"})) {
        names.emplace_back(row["name"].text());
    }
    EXPECT_EQ(names, (std::vector<std::string>{"Kim", "Lee", "Max"}));
    EXPECT_EQ(now.find(players_by_email, "Lee@example.com")->points, 10);
}

TEST_F(Typed, AConditionTakesAListOfValues) {
    const std::int64_t kim = add("Kim", 30);
    add("Lee", 10);
    add("Max", 20);
    const Snapshot now = db.snapshot();
    const auto names = [&](const TypedConditions<Player>& conditions) {
        std::vector<std::string> found;
        for (const Player& player : now.scan(players, conditions)) found.push_back(player.name);
        std::ranges::sort(found);
        return found;
    };
    EXPECT_EQ(names(where(&Player::points).in({10, 30, 40})),
              (std::vector<std::string>{"Kim", "Lee"}));
    EXPECT_EQ(names(where(&Player::name).in({"Max", "Nobody"})), (std::vector<std::string>{"Max"}));
    EXPECT_EQ(names(where(&Player::player_id).in(std::vector{kim})),
              (std::vector<std::string>{"Kim"}));
    EXPECT_EQ(names(where(&Player::points).in(std::vector<int>{})), std::vector<std::string>{});
    EXPECT_EQ(names(where(&Player::rank).in({PlayerRank::fresh, PlayerRank::master}) &&
                    where(&Player::points) > 10),
              (std::vector<std::string>{"Kim", "Max"}));
}

TEST_F(Typed, TimesAreThoseOfTheStandardLibrary) {
    const auto moment = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 12h + 34min;
    const Date born = std::chrono::year{2001} / 2 / 28;
    const std::int64_t kim =
        db.write([&](Transaction& tx) {
              return tx
                  .insert(
                      players,
                      {.name = "Kim", .email = "kim@example.com", .born = born, .seen_at = moment})
                  .player_id;
          }).value;
    EXPECT_EQ(to_string(read(kim).seen_at), "2026-01-31 12:34:00");
    EXPECT_EQ(read(kim).seen_at.to_chrono(), moment);
    EXPECT_EQ(read(kim).born->to_chrono(), std::chrono::sys_days{std::chrono::year{2001} / 2 / 28});
    std::size_t seen = 0;
    for ([[maybe_unused]] const Player& player :
         db.snapshot().scan(players, where(&Player::seen_at) < moment + 1min)) {
        ++seen;
    }
    EXPECT_EQ(seen, 1u);
}

}  // namespace
}  // namespace amphora::typed_test
