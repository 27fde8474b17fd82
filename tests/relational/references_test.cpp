#include "relational/world.hpp"

#include <set>

namespace amphora::relational {
namespace {

constexpr std::string_view family = R"sql(
CREATE TABLE regions (region_id BIGINT PRIMARY KEY, name VARCHAR(20));
CREATE TABLE stores (store_id BIGINT PRIMARY KEY, region_id BIGINT REFERENCES regions (region_id));
CREATE INDEX stores_by_region ON stores (region_id);
CREATE TABLE reviews (review_id BIGINT PRIMARY KEY, score INT,
    store_id BIGINT NOT NULL REFERENCES stores (store_id) ON DELETE CASCADE);
CREATE INDEX reviews_by_store ON reviews (store_id);
CREATE TABLE images (image_id BIGINT PRIMARY KEY,
    review_id BIGINT NOT NULL REFERENCES reviews (review_id) ON DELETE CASCADE);
CREATE INDEX images_by_review ON images (review_id);
CREATE TABLE metrics (review_id BIGINT PRIMARY KEY REFERENCES reviews (review_id) ON DELETE CASCADE,
    reads INT);
CREATE TABLE complaints (complaint_id BIGINT PRIMARY KEY,
    image_id BIGINT REFERENCES images (image_id));
CREATE INDEX complaints_by_image ON complaints (image_id);
)sql";

class ReferencesTest : public testing::Test {
  protected:
    void SetUp() override {
        world.insert("regions", {{"region_id", 1}});
        world.insert("regions", {{"region_id", 2}});
        world.insert("stores", {{"store_id", 10}, {"region_id", 1}});
        for (int review = 100; review < 103; ++review) {
            world.insert("reviews", {{"review_id", review}, {"store_id", 10}});
            world.insert("metrics", {{"review_id", review}, {"reads", 0}});
            for (int image = 0; image < 3; ++image) {
                world.insert("images", {{"image_id", review * 10 + image}, {"review_id", review}});
            }
        }
    }
    World world{family};
};

TEST_F(ReferencesTest, AParentMustBeThere) {
    expect_refused(world, ErrorCode::foreign_key_violation, "regions has no row with (region_id 3)",
                   [&] {
                       world.insert("stores", {{"store_id", 11}, {"region_id", 3}});
                   });
    world.insert("stores", {{"store_id", 11}, {"region_id", nullptr}});
    expect_refused(world, ErrorCode::foreign_key_violation, "", [&] {
        world.update("stores", {11}, {{"region_id", 3}});
    });
    expect_refused(world, ErrorCode::foreign_key_violation, "", [&] {
        world.put("stores", {{"store_id", 10}, {"region_id", 3}});
    });
    EXPECT_TRUE(world.update("stores", {11}, {{"region_id", 2}}));
    EXPECT_EQ(world.findings(), "");
}

/// Rows of one statement may refer to each other in a circle, as no order of single rows allows; a
/// parent that is not among them either refuses them all.
TEST(InsertTogether, ChecksReferencesWhenAllRowsAreThere) {
    World world{R"sql(CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(9) UNIQUE,
        boss BIGINT NOT NULL REFERENCES people (id));)sql"};
    const BoundTable& people = world.tables->require("people");
    const auto row = [&](int id, const char* name, int boss) {
        return std::vector<Cell>{Cell::of(std::int64_t{id}), Cell::of(std::string_view{name}),
                                 Cell::of(std::int64_t{boss})};
    };
    const std::vector<std::vector<Cell>> circle{row(1, "Kim", 2), row(2, "Lee", 3),
                                                row(3, "Park", 1)};
    insert_together(world.writing, people, circle);
    EXPECT_EQ(world.count("people"), 3u);

    const std::vector<std::vector<Cell>> lost{row(4, "Choi", 5), row(5, "Han", 6)};
    expect_refused(world, ErrorCode::foreign_key_violation, "people has no row with (id 6)",
                   [&] { insert_together(world.writing, people, lost); });
    const std::vector<std::vector<Cell>> twice{row(4, "Choi", 5), row(5, "Kim", 4)};
    expect_refused(world, ErrorCode::duplicate_key, "",
                   [&] { insert_together(world.writing, people, twice); });
    EXPECT_EQ(world.count("people"), 3u);
    EXPECT_EQ(world.findings(), "");
}

// A column that has nothing to do with the reference does not make it be looked up.
TEST_F(ReferencesTest, AnUntouchedForeignKeyIsNotChecked) {
    world.writing.finds = 0;
    world.update("reviews", {100}, {{"score", 5}});
    EXPECT_EQ(world.writing.finds, 1U) << "the row itself and nothing else";
}

TEST_F(ReferencesTest, RestrictNamesWhoStillRefers) {
    expect_refused(world, ErrorCode::foreign_key_violation,
                   "regions (region_id 1) cannot go or change its key: stores still refers to it",
                   [&] { world.erase("regions", {1}); });
    EXPECT_TRUE(world.erase("regions", {2}));
    EXPECT_TRUE(world.update("stores", {10}, {{"region_id", nullptr}}));
    EXPECT_TRUE(world.erase("regions", {1}));
    EXPECT_EQ(world.findings(), "");
}

TEST_F(ReferencesTest, CascadeReachesGrandchildren) {
    EXPECT_TRUE(world.erase("reviews", {100}));
    EXPECT_EQ(world.count("images"), 6U);
    EXPECT_EQ(world.count("metrics"), 2U);
    EXPECT_TRUE(world.erase("stores", {10}));
    EXPECT_EQ(world.count("reviews"), 0U);
    EXPECT_EQ(world.count("images"), 0U);
    EXPECT_EQ(world.count("metrics"), 0U);
    EXPECT_EQ(world.findings(), "");
}

// Deep in what would go, something is held on to from outside: nothing goes at all.
TEST_F(ReferencesTest, OneRestrictInsideStopsTheWholeCascade) {
    world.insert("complaints", {{"complaint_id", 1}, {"image_id", 1021}});
    expect_refused(world, ErrorCode::foreign_key_violation,
                   "images (image_id 1021) cannot go or change its key: complaints",
                   [&] { world.erase("stores", {10}); });
    EXPECT_EQ(world.count("images"), 9U);
    EXPECT_TRUE(world.erase("complaints", {1}));
    EXPECT_TRUE(world.erase("stores", {10}));
}

// Cascades count against what one commit may hold, and give up cleanly there.
TEST_F(ReferencesTest, ACascadeIsBoundedByTheTransaction) {
    world.writing.settle();
    world.writing.commit_bytes_max = 200;
    expect_refused(world, ErrorCode::transaction_too_large, "",
                   [&] { world.erase("stores", {10}); });
    world.writing.commit_bytes_max = UINT64_MAX;
    EXPECT_TRUE(world.erase("stores", {10}));
    EXPECT_EQ(world.findings(), "");
}

TEST_F(ReferencesTest, APrimaryKeyChangesOnlyWhileNobodyRefers) {
    expect_refused(world, ErrorCode::foreign_key_violation, "reviews still refers to it", [&] {
        world.update("stores", {10}, {{"store_id", 12}});
    });
    expect_refused(world, ErrorCode::foreign_key_violation, "", [&] {
        world.update("regions", {1}, {{"region_id", 9}});
    });
    EXPECT_TRUE(world.update("regions", {2}, {{"region_id", 9}}));
    EXPECT_FALSE(world.find("regions", {2}));
    EXPECT_TRUE(world.find("regions", {9}));
    EXPECT_TRUE(world.update("images", {1000}, {{"image_id", 5}}));
    EXPECT_EQ(world.findings(), "");
    EXPECT_TRUE(world.erase("reviews", {100}));
    EXPECT_FALSE(world.find("images", {5})) << "it moved with its index entries";
}

// People refer to their boss; the boss to nobody, or to herself.
TEST(SelfReferenceTest, TreesAndCyclesEnd) {
    World world{R"sql(
        CREATE TABLE people (id INT PRIMARY KEY, boss INT REFERENCES people (id) ON DELETE CASCADE);
        CREATE INDEX people_by_boss ON people (boss);
        CREATE TABLE parts (id INT PRIMARY KEY, of INT REFERENCES parts (id));
        CREATE INDEX parts_by_of ON parts (of);
    )sql"};
    world.insert("people", {{"id", 1}, {"boss", 1}});
    for (int id = 2; id <= 200; ++id) world.insert("people", {{"id", id}, {"boss", id - 1}});
    expect_refused(world, ErrorCode::foreign_key_violation, "people has no row with (id 999)", [&] {
        world.insert("people", {{"id", 500}, {"boss", 999}});
    });
    // A ring: the first follows the last.
    EXPECT_TRUE(world.update("people", {1}, {{"boss", 200}}));
    EXPECT_EQ(world.findings(), "");
    EXPECT_TRUE(world.erase("people", {77}));
    EXPECT_EQ(world.count("people"), 0U);

    world.insert("parts", {{"id", 1}, {"of", 1}});
    EXPECT_TRUE(world.update("parts", {1}, {{"id", 2}, {"of", 2}}))
        << "it moves with its reference";
    expect_refused(world, ErrorCode::foreign_key_violation, "", [&] {
        world.update("parts", {2}, {{"id", 3}});
    });
    EXPECT_TRUE(world.erase("parts", {2})) << "only it itself refers to it";
    EXPECT_EQ(world.findings(), "");
}

// Two ways lead down to one row, one of them restricting: what goes with the cascade is no
// obstacle, whichever way is walked first.
TEST(DiamondTest, TheOutcomeDoesNotDependOnTheOrderOfPaths) {
    for (const char* rules : {"CASCADE|RESTRICT", "RESTRICT|CASCADE"}) {
        const std::string_view both{rules};
        const std::string first{both.substr(0, both.find('|'))};
        const std::string second{both.substr(both.find('|') + 1)};
        World world{
            "CREATE TABLE top (id INT PRIMARY KEY);"
            "CREATE TABLE middle (id INT PRIMARY KEY, top INT NOT NULL REFERENCES top (id) ON "
            "DELETE CASCADE);"
            "CREATE INDEX middle_by_top ON middle (top);"
            "CREATE TABLE bottom (id INT PRIMARY KEY,"
            " top INT NOT NULL REFERENCES top (id) ON DELETE " +
            first +
            ","
            " middle INT NOT NULL REFERENCES middle (id) ON DELETE " +
            second +
            ");"
            "CREATE INDEX bottom_by_top ON bottom (top);"
            "CREATE INDEX bottom_by_middle ON bottom (middle);"};
        world.insert("top", {{"id", 1}});
        world.insert("top", {{"id", 2}});
        world.insert("middle", {{"id", 1}, {"top", 1}});
        world.insert("bottom", {{"id", 1}, {"top", 1}, {"middle", 1}});
        EXPECT_TRUE(world.erase("top", {1})) << rules;
        EXPECT_EQ(world.count("bottom"), 0U);
        EXPECT_EQ(world.findings(), "");
    }
}

// Keys of several columns, and a child whose number is narrower than its parent's.
TEST(CompositeReferenceTest, ColumnsCorrespondInOrder) {
    World world{R"sql(
        CREATE TABLE slots (coach BIGINT, at DATETIME, PRIMARY KEY (coach, at));
        CREATE TABLE bookings (id INT PRIMARY KEY, coach BIGINT, at DATETIME,
            FOREIGN KEY (coach, at) REFERENCES slots (coach, at) ON DELETE CASCADE);
        CREATE INDEX bookings_by_slot ON bookings (coach, at, id);
    )sql"};
    world.insert("slots", {{"coach", 7}, {"at", "2026-01-01 10:00:00"}});
    world.insert("bookings", {{"id", 1}, {"coach", 7}, {"at", "2026-01-01 10:00:00"}});
    world.insert("bookings", {{"id", 2}, {"coach", 8}, {"at", nullptr}});
    expect_refused(
        world, ErrorCode::foreign_key_violation,
        "slots has no row with (coach 7, at '2026-01-01 11:00:00')", [&] {
            world.insert("bookings", {{"id", 3}, {"coach", 7}, {"at", "2026-01-01 11:00:00"}});
        });
    EXPECT_TRUE(world.erase("slots", {7, "2026-01-01 10:00:00"}));
    EXPECT_EQ(world.count("bookings"), 1U);
    EXPECT_EQ(world.findings(), "");
}

/// Documents that refer to users, as far as the relational store can see them.
class Logs final : public catalog::ChildStore {
  public:
    std::optional<std::string> find_child(const transaction::Reading&, const catalog::Table& parent,
                                          std::span<const Cell> parent_key,
                                          Referring referring) const override {
        EXPECT_EQ(parent.name, "users");
        const std::int64_t user = parent_key[0].integer();
        if (restricting.contains(user)) return "collection complaints (user_id)";
        if (referring == Referring::any && cascading.contains(user)) {
            return "collection activity_logs (user_id)";
        }
        return std::nullopt;
    }
    void erase_children(transaction::Writing& writing, const catalog::Table&,
                        std::span<const Cell> parent_key) const override {
        writing.put(TreeId::documents, "erased " + std::to_string(parent_key[0].integer()), "");
    }
    std::set<std::int64_t> restricting, cascading;
};

TEST(AcrossStoresTest, DocumentsFollowTheRowAndHoldItBack) {
    auto logs = std::make_shared<Logs>();
    World world{R"sql(
        CREATE TABLE families (id BIGINT PRIMARY KEY);
        CREATE TABLE users (user_id BIGINT PRIMARY KEY, family BIGINT REFERENCES families (id) ON DELETE CASCADE);
        CREATE INDEX users_by_family ON users (family);
        CREATE COLLECTION activity_logs (user_id BIGINT REFERENCES users (user_id) ON DELETE CASCADE);
        CREATE INDEX activity_by_user ON activity_logs (user_id);
    )sql",
                logs};
    world.insert("families", {{"id", 1}});
    for (int user = 1; user <= 3; ++user) {
        world.insert("users", {{"user_id", user}, {"family", user == 3 ? Value{} : Value{1}}});
    }
    logs->cascading = {3};
    expect_refused(world, ErrorCode::foreign_key_violation, "collection activity_logs (user_id)",
                   [&] {
                       world.update("users", {3}, {{"user_id", 4}});
                   });
    EXPECT_TRUE(world.erase("users", {3}));

    logs->restricting = {2};
    expect_refused(world, ErrorCode::foreign_key_violation,
                   "users (user_id 2) cannot go or change its key: collection complaints (user_id)",
                   [&] { world.erase("families", {1}); });
    EXPECT_EQ(world.writing.contents(TreeId::documents).size(), 1U) << "user 3's and no other's";
    logs->restricting.clear();
    EXPECT_TRUE(world.erase("families", {1}));
    EXPECT_EQ(world.writing.contents(TreeId::documents).size(), 3U);
}

}  // namespace
}  // namespace amphora::relational
