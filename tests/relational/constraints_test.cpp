#include "relational/world.hpp"

namespace amphora::relational {
namespace {

constexpr std::string_view missions = R"sql(
CREATE TABLE users (
    user_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    name VARCHAR(50) NOT NULL,
    email VARCHAR(100) UNIQUE NOT NULL,
    phone_num VARCHAR(20) UNIQUE NULL,
    is_phone_authorized BOOLEAN DEFAULT FALSE,
    point INT DEFAULT 0,
    created_at DATETIME DEFAULT NOW(),
    updated_at DATETIME ON UPDATE NOW()
);
CREATE TABLE user_missions (
    user_mission_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (user_id),
    mission_id BIGINT NOT NULL,
    score INT NOT NULL DEFAULT 1 CHECK (score BETWEEN 1 AND 5)
);
CREATE UNIQUE INDEX idx_user_mission ON user_missions (user_id, mission_id);
CREATE TABLE seats (coach INT, slot SMALLINT, who VARCHAR(10), PRIMARY KEY (coach, slot));
CREATE TABLE small_numbers (id SMALLINT PRIMARY KEY AUTO_INCREMENT, note TEXT);
)sql";

class ConstraintsTest : public testing::TestWithParam<support::MemoryWriting::Answers> {
  protected:
    void kim() { world.insert("users", {{"name", "Kim"}, {"email", "kim@example.com"}}); }

    World world{missions, nullptr, GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Reading, ConstraintsTest,
                         testing::Values(support::MemoryWriting::Answers::in_place,
                                         support::MemoryWriting::Answers::in_scratch));

// A sign-up says who; the engine fills in the rest and tells what it filled in.
TEST_P(ConstraintsTest, AnInsertGivesTheRowAsItWasStored) {
    world.writing.now = 1'769'862'896'000'000;
    const Record kim = world.insert("users", {{"name", "Kim"}, {"email", "kim@example.com"}});
    EXPECT_EQ(kim, (Record{{"user_id", 1},
                           {"name", "Kim"},
                           {"email", "kim@example.com"},
                           {"phone_num", nullptr},
                           {"is_phone_authorized", false},
                           {"point", 0},
                           {"created_at", DateTime{world.writing.now}},
                           {"updated_at", nullptr}}));
    EXPECT_EQ(world.find("users", {1}), kim);
    const std::string by_email = world.tables->require("users").indexes()[0].definition->name;
    EXPECT_EQ(world.find_by("users", by_email, {"kim@example.com"}), kim);
    EXPECT_FALSE(world.find_by("users", by_email, {"lee@example.com"}));
    EXPECT_EQ(world.findings(), "");
}

TEST_P(ConstraintsTest, NotNullIsHeld) {
    kim();
    expect_refused(world, ErrorCode::not_null_violation, "column name of users is NOT NULL", [&] {
        world.insert("users", {{"email", "lee@example.com"}});
    });
    expect_refused(world, ErrorCode::not_null_violation, "column email", [&] {
        world.insert("users", {{"name", "Lee"}, {"email", nullptr}});
    });
    expect_refused(world, ErrorCode::not_null_violation, "", [&] {
        world.update("users", {1}, {{"name", nullptr}});
    });
    expect_refused(world, ErrorCode::not_null_violation, "column slot of seats", [&] {
        world.insert("seats", {{"coach", 1}});
    });
    expect_refused(world, ErrorCode::not_null_violation, "column slot of seats", [&] {
        world.put("seats", {{"coach", 1}});
    });
    // An explicit NULL is not the default.
    EXPECT_TRUE(world.insert("users", {{"name", "A"}, {"email", "a"}, {"point", nullptr}})["point"]
                    .is_null());
}

TEST_P(ConstraintsTest, ChecksAreHeldAtEveryWayIn) {
    kim();
    const World::Givens good{{"user_id", 1}, {"mission_id", 7}, {"score", 5}};
    world.insert("user_missions", good);
    const auto bad = [](int score) {
        return World::Givens{{"user_id", 1}, {"mission_id", 8}, {"score", score}};
    };
    expect_refused(world, ErrorCode::check_violation, "score BETWEEN 1 AND 5",
                   [&] { world.insert("user_missions", bad(6)); });
    expect_refused(world, ErrorCode::check_violation, "user_missions",
                   [&] { world.insert("user_missions", bad(0)); });
    expect_refused(world, ErrorCode::check_violation, "", [&] {
        world.update("user_missions", {1}, {{"score", 0}});
    });
    expect_refused(world, ErrorCode::check_violation, "", [&] {
        world.put("user_missions",
                  {{"user_mission_id", 1}, {"user_id", 1}, {"mission_id", 7}, {"score", 9}});
    });
}

// The button is pressed twice: the second press is a clean "already taken", in the words of the
// index.
TEST_P(ConstraintsTest, AUniqueIndexTakesAValueOnce) {
    kim();
    world.insert("user_missions", {{"user_id", 1}, {"mission_id", 7}});
    expect_refused(
        world, ErrorCode::duplicate_key,
        "unique index idx_user_mission on user_missions already has (user_id 1, mission_id 7)",
        [&] {
            world.insert("user_missions", {{"user_id", 1}, {"mission_id", 7}});
        });
    world.insert("user_missions", {{"user_id", 1}, {"mission_id", 8}});
    expect_refused(world, ErrorCode::duplicate_key, "idx_user_mission", [&] {
        world.update("user_missions", {2}, {{"mission_id", 7}});
    });
    expect_refused(world, ErrorCode::duplicate_key, "idx_user_mission", [&] {
        world.put("user_missions", {{"user_mission_id", 9}, {"user_id", 1}, {"mission_id", 7}});
    });
    // Its own value is no obstacle, and what has gone is free again.
    EXPECT_TRUE(world.update("user_missions", {2}, {{"mission_id", 8}}));
    EXPECT_TRUE(world.erase("user_missions", {1}));
    EXPECT_TRUE(world.update("user_missions", {2}, {{"mission_id", 7}}));
    world.insert("user_missions", {{"user_id", 1}, {"mission_id", 8}});
    EXPECT_EQ(world.findings(), "");
}

TEST_P(ConstraintsTest, NullsAreDistinctInAUniqueIndex) {
    for (const char* email : {"a", "b", "c"}) {
        world.insert("users", {{"name", "N"}, {"email", email}});
    }
    EXPECT_EQ(world.count("users"), 3U);
    const BoundTable& users = world.tables->require("users");
    for (const BoundIndex& index : users.indexes()) {
        Buffer scratch;
        const std::vector<Cell> null{Cell::null()};
        EXPECT_FALSE(find_by(world.writing, users, index, null, scratch));
    }
    world.update("users", {1}, {{"phone_num", "010"}});
    expect_refused(world, ErrorCode::duplicate_key, "phone_num '010'", [&] {
        world.update("users", {2}, {{"phone_num", "010"}});
    });
    world.update("users", {1}, {{"phone_num", nullptr}});
    world.update("users", {2}, {{"phone_num", "010"}});
    EXPECT_EQ(world.findings(), "");
}

TEST_P(ConstraintsTest, APrimaryKeyStandsOnce) {
    world.insert("seats", {{"coach", 1}, {"slot", 2}, {"who", "Kim"}});
    expect_refused(world, ErrorCode::duplicate_key,
                   "table seats already has a row with (coach 1, slot 2)", [&] {
                       world.insert("seats", {{"coach", 1}, {"slot", 2}, {"who", "Lee"}});
                   });
    world.insert("seats", {{"coach", 1}, {"slot", 3}, {"who", "Lee"}});
    expect_refused(world, ErrorCode::duplicate_key, "(coach 1, slot 2)", [&] {
        world.update("seats", {1, 3}, {{"slot", 2}});
    });
    EXPECT_EQ((*world.find("seats", {1, 2}))["who"], Value{"Kim"});
}

// `put` is insert or replace: what it is not told becomes the default, also where a row was.
TEST_P(ConstraintsTest, PutReplacesTheWholeRow) {
    kim();
    world.update("users", {1}, {{"point", 70}, {"phone_num", "010"}});
    world.writing.now += 5;
    const Record put =
        world.put("users", {{"user_id", 1}, {"name", "Kim Minjun"}, {"email", "kim@example.com"}});
    EXPECT_EQ(put["point"], Value{0});
    EXPECT_TRUE(put["phone_num"].is_null());
    EXPECT_EQ(put["updated_at"], Value{DateTime{world.writing.now}})
        << "a replacement is an update";
    EXPECT_EQ(world.count("users"), 1U);
    EXPECT_EQ(world.put("users", {{"name", "Lee"}, {"email", "lee"}})["user_id"], Value{2})
        << "without a number it is new";
    EXPECT_EQ(
        world.put("users", {{"user_id", 40}, {"name", "Choi"}, {"email", "choi"}})["updated_at"],
        Value{})
        << "nothing was there";
    EXPECT_EQ(world.findings(), "");
}

TEST_P(ConstraintsTest, AnUpdateTouchesWhatItIsToldAndTheMoment) {
    kim();
    world.writing.now += 1'000'000;
    const auto updated = world.update("users", {1}, {{"point", 500}});
    ASSERT_TRUE(updated);
    EXPECT_EQ((*updated)["point"], Value{500});
    EXPECT_EQ((*updated)["name"], Value{"Kim"});
    EXPECT_EQ((*updated)["updated_at"], Value{DateTime{world.writing.now}});
    EXPECT_EQ((*updated)["created_at"], Value{DateTime{world.writing.now - 1'000'000}});

    // A row that is read, changed and written back whole carries its old moment: that is no choice.
    world.writing.now += 1'000'000;
    const auto again =
        world.update("users", {1}, {{"point", 501}, {"updated_at", (*updated)["updated_at"]}});
    EXPECT_EQ((*again)["updated_at"], Value{DateTime{world.writing.now}});
    const auto chosen = world.update("users", {1}, {{"updated_at", "2020-01-01 00:00:00"}});
    EXPECT_EQ((*chosen)["updated_at"], Value{parse_datetime("2020-01-01 00:00:00")});

    EXPECT_FALSE(world.update("users", {99}, {{"point", 1}}));
    EXPECT_FALSE(world.update("users", {nullptr}, {{"point", 1}}));
    EXPECT_FALSE(world.erase("users", {99}));
    EXPECT_FALSE(world.erase("users", {1.5})) << "no user can have that number";
    expect_refused(world, ErrorCode::type_mismatch, "cannot be compared",
                   [&] { world.erase("users", {"Kim"}); });
    expect_refused(world, ErrorCode::invalid_argument, "the key of seats has 2 columns",
                   [&] { world.erase("seats", {1}); });
}

TEST_P(ConstraintsTest, AutoIncrementFollowsAndNeverReuses) {
    const auto id = [&](const World::Givens& givens) {
        return world.insert("small_numbers", givens)["id"].as<std::int64_t>();
    };
    EXPECT_EQ(id({}), 1);
    EXPECT_EQ(id({{"id", 0}}), 2);
    EXPECT_EQ(id({{"id", nullptr}}), 3);
    EXPECT_TRUE(world.erase("small_numbers", {3}));
    EXPECT_EQ(id({}), 4) << "3 was given, though its row has gone";
    EXPECT_EQ(id({{"id", 100}}), 100);
    EXPECT_EQ(id({}), 101);
    EXPECT_EQ(id({{"id", 50}}), 50);
    EXPECT_EQ(id({}), 102) << "a smaller explicit number does not bring it back";
    EXPECT_EQ(id({{"id", -7}}), -7);
    EXPECT_EQ(id({}), 103);
    world.put("small_numbers", {{"id", 200}});
    EXPECT_EQ(id({}), 201);
    world.update("small_numbers", {201}, {{"id", 300}});
    EXPECT_EQ(id({}), 301);
    EXPECT_EQ(id({{"id", 32767}}), 32767);
    expect_refused(world, ErrorCode::value_out_of_range,
                   "AUTO_INCREMENT column id of small_numbers has given its last number, 32767",
                   [&] { id({}); });
    EXPECT_EQ(id({{"id", 60}}), 60) << "explicit numbers continue";
}

// A statement that fails midway, for every reason, is undone as a whole; the transaction continues.
TEST_P(ConstraintsTest, AFailedStatementLeavesNoTraceWhereverItFails) {
    kim();
    const World::Givens lee{{"name", "Lee"}, {"email", "lee"}, {"phone_num", "011"}};
    for (int survived = 0;; ++survived) {
        int left = survived;
        world.writing.before_write = [&](TreeId, Bytes) {
            if (left-- == 0) throw Error{ErrorCode::transaction_too_large, "enough"};
        };
        const auto before = world.writing.contents(TreeId::relational);
        try {
            world.insert("users", lee);
            EXPECT_GE(survived, 4) << "counter, two indexes and the row were to be written";
            break;
        } catch (const Error& error) {
            ASSERT_EQ(error.code(), ErrorCode::transaction_too_large);
            ASSERT_EQ(world.writing.contents(TreeId::relational), before);
        }
    }
    world.writing.before_write = nullptr;
    EXPECT_EQ(world.count("users"), 2U);
    EXPECT_EQ(world.findings(), "");
}

// Changing what a unique index and another row's key say, in one update that then fails.
TEST_P(ConstraintsTest, AFailedUpdateKeepsTheOldEntries) {
    kim();
    world.insert("users", {{"name", "Lee"}, {"email", "lee"}, {"phone_num", "011"}});
    expect_refused(world, ErrorCode::duplicate_key, "phone_num '011'", [&] {
        world.update("users", {1}, {{"email", "new"}, {"phone_num", "011"}});
    });
    const BoundTable& users = world.tables->require("users");
    const std::vector<Cell> old_email{Cell::of(std::string_view{"kim@example.com"})};
    Buffer scratch;
    EXPECT_TRUE(find_by(world.writing, users, users.indexes()[0], old_email, scratch));
}

TEST_P(ConstraintsTest, NamesThatDoNotExistAreNamed) {
    EXPECT_THROW(static_cast<void>(world.tables->require("nothing")), Error);
    const BoundTable& users = world.tables->require("USERS");
    EXPECT_EQ(users.name(), "users") << "SQL names do not mind case";
    EXPECT_EQ(&users.require_index("PRIMARY"), &users.primary());
    try {
        static_cast<void>(users.require_index("by_height"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::no_such_index);
        EXPECT_THAT(error.what(),
                    testing::StartsWith("table users has no index by_height; it has PRIMARY, "));
    }
    try {
        static_cast<void>(users.require_column("height"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::no_such_column);
        EXPECT_THAT(error.what(), testing::StartsWith("table users has no column height; it has "));
    }
}

}  // namespace
}  // namespace amphora::relational
