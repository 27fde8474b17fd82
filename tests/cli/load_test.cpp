// Loading files, through the command and through the library below it.

#include "cli/command_line_test.hpp"
#include "loading/loader.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <numeric>
#include <string>
#include <vector>

namespace amphora {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Table people{"people"};

class LoadTest : public CommandLineTest {
  protected:
    void make_people() {
        database_ = Database::open(path("people.amphora"), Schema{"people", R"sql(
                CREATE TABLE teams (team_id BIGINT PRIMARY KEY);
                CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(20) UNIQUE,
                    boss BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
                    mentor BIGINT REFERENCES people (id),
                    team BIGINT REFERENCES teams (team_id),
                    changed DATETIME DEFAULT NOW() ON UPDATE NOW());
                CREATE COLLECTION notes ();)sql"});
    }
    [[nodiscard]] std::string path(const std::string& name) const {
        return directory_.path() + "/" + name;
    }
    loading::LoadReport load_people(const std::string& text,
                                    const loading::LoadOptions& options = {}) {
        write("people.csv", text);
        return loading::load_csv(*database_, people, path("people.csv"), options);
    }
    [[nodiscard]] std::vector<std::int64_t> ids() const {
        std::vector<std::int64_t> ids;
        for (const RowView& row : database_->snapshot().scan(people)) {
            ids.push_back(row["id"].integer());
        }
        return ids;
    }

    std::optional<Database> database_;
};

/// For every order of a file, a row is loaded if its parents are in the file or in the database.
TEST_F(LoadTest, RowsMayReferToLaterRows) {
    make_people();
    // Each row's boss is the next one, the last is its own; more rows than a transaction has.
    std::string text = "id,boss\n";
    constexpr std::int64_t count = 3'000;
    for (std::int64_t id = 1; id <= count; ++id) {
        text += fmt::format("{},{}\n", id, std::min(id + 1, count));
    }
    const loading::LoadReport report = load_people(text, {.batch_lines = 100});
    EXPECT_EQ(report.loaded, static_cast<std::uint64_t>(count));
    EXPECT_EQ(report.rejected, 0u);
    std::vector<std::int64_t> all(count);
    std::iota(all.begin(), all.end(), 1);
    EXPECT_EQ(ids(), all);
    EXPECT_THAT(database_->check().findings, ElementsAre());
}

/// In a circle no row can be first: they are inserted together. A value from the file is stored,
/// also in an ON UPDATE NOW() column.
TEST_F(LoadTest, RowsMayReferToEachOtherInACircle) {
    make_people();
    const loading::LoadReport report = load_people(
        "id,name,boss,mentor,changed\n"
        "1,Kim,002,3,2020-01-01 00:00:00\n"  // two circles through one row, one spelled otherwise
        "2,Lee,3,,2020-01-01 00:00:00\n"
        "3,Park,1,1,2020-01-01 00:00:00\n"
        "4,Choi,1,5,\n"  // outside of the circle, but waiting for it and for each other
        "5,Jung,4,,\n");
    EXPECT_THAT(report.rejections, ElementsAre());
    EXPECT_THAT(ids(), ElementsAre(1, 2, 3, 4, 5));
    const Snapshot now = database_->snapshot();
    const std::optional<Record> kim = now.find(people, {1});
    ASSERT_TRUE(kim);
    EXPECT_EQ((*kim)["boss"], Value{2});
    EXPECT_EQ((*kim)["mentor"], Value{3});
    EXPECT_EQ(to_string((*kim)["changed"]).substr(0, 10), "2020-01-01");
    EXPECT_THAT(database_->check().findings, ElementsAre());
}

/// A row whose parent is missing is rejected by name, and so are those that refer to it; no other
/// row is.
TEST_F(LoadTest, ARowWithoutItsParentIsNamed) {
    make_people();
    const loading::LoadReport report = load_people(
        "id,name,boss,mentor,team\n"
        "1,Kim,2,,\n"
        "2,Lee,99,,\n"   // nobody has number 99
        "3,Park,4,1,\n"  // in a circle with 4, and 1 is rejected
        "4,Choi,3,,\n"
        "5,Jung,6,,7\n"  // there is no team 7
        "6,Han,6,,\n"
        "7,Yun,8,,\n"  // in a circle with 8, whose name is taken
        "8,Han,7,,\n"
        "9,Oh,6,,\n");
    std::vector<std::string> reasons;
    for (const loading::Rejection& rejection : report.rejections) {
        reasons.push_back(fmt::format("{}: {}", rejection.line, rejection.reason));
    }
    EXPECT_THAT(
        reasons,
        ElementsAre(HasSubstr("2: foreign key fk_people_boss of people: people has no row "
                              "with (id 2)"),
                    HasSubstr("3: foreign key fk_people_boss of people: people has no row "
                              "with (id 99)"),
                    testing::AllOf(HasSubstr("4: one of 2 rows"), HasSubstr("(id 1)")),
                    testing::AllOf(HasSubstr("5: one of 2 rows"), HasSubstr("(id 1)")),
                    HasSubstr("6: foreign key fk_people_team of people: teams has no row"),
                    testing::AllOf(HasSubstr("8: one of 2 rows"), HasSubstr("name 'Han'")),
                    testing::AllOf(HasSubstr("9: one of 2 rows"), HasSubstr("name 'Han'"))));
    EXPECT_EQ(report.rejected, 7u);
    EXPECT_THAT(ids(), ElementsAre(6, 9));
    EXPECT_THAT(database_->check().findings, ElementsAre());
}

/// Waiting rows take memory, which has a bound: beyond it the message says what to do.
TEST_F(LoadTest, RowsThatFindNoRoomToWaitSayWhatToDo) {
    make_people();
    std::string text = "id,boss\n";
    for (std::int64_t id = 1; id <= 1'000; ++id) text += fmt::format("{},1000\n", id);
    const loading::LoadReport report = load_people(text, {.waiting_bytes_max = 64 << 10});
    EXPECT_EQ(report.loaded + report.rejected, 1'000u);
    EXPECT_GT(report.loaded, 50u);
    ASSERT_GT(report.rejected, 50u);
    EXPECT_THAT(report.rejections.front().reason, HasSubstr("--waiting"));
}

/// A file may be bad from end to end: what is kept of it stays small.
TEST_F(LoadTest, KeepsTheFirstRejectionsAndCountsTheOthers) {
    make_people();
    std::string text;
    for (int line = 1; line <= 5'000; ++line) {
        text += line % 2 == 0 ? "{\"a\": }\n" : "{\"_id\": 1}\n";
    }
    write("notes.jsonl", text);
    const loading::LoadReport report = loading::load_json(
        *database_, Collection{"notes"}, path("notes.jsonl"), {.rejections_max = 3});
    EXPECT_EQ(report.loaded, 1u);
    EXPECT_EQ(report.rejected, 4'999u);
    ASSERT_EQ(report.rejections.size(), 3u);
    for (std::uint64_t at = 0; at < 3; ++at) EXPECT_EQ(report.rejections[at].line, at + 2);
}

/// Stray brackets made this hang; pretty-printed documents were as many errors as lines.
TEST_F(LoadTest, ReadsDocumentsHoweverTheyStandInTheFile) {
    make_shop();
    write("customers.csv", "customer_id,name,email\n1,Kim,kim@example.com\n");
    ASSERT_EQ(amphora("load db customers customers.csv").code, 0);
    write("pretty.json",
          "{\n  \"customer_id\": 1,\n  \"page\": \"home\"\n}\n{\n  \"customer_id\": 1,\n  "
          "\"page\": \"shop\"\n}\n");
    const Answer pretty = amphora("load db visits pretty.json");
    EXPECT_EQ(pretty.code, 0) << pretty.text;
    EXPECT_NE(pretty.text.find("visits: 2 loaded, 0 rejected"), std::string::npos) << pretty.text;
    const std::pair<std::string, std::string> stray[] = {
        {"[}", "0 loaded, 2 rejected"},
        {"[{\"customer_id\":1},}]", "1 loaded, 1 rejected"},
        {"[{\"customer_id\":1}}, {\"customer_id\":1}]", "2 loaded, 1 rejected"}};
    for (const auto& [text, outcome] : stray) {
        write("stray.json", text);
        const Answer answer = amphora("load db visits stray.json");
        EXPECT_EQ(answer.code, 1);
        EXPECT_NE(answer.text.find(outcome), std::string::npos) << answer.text;
    }
}

}  // namespace
}  // namespace amphora
