// `--rescue`: reading a database that does not open any more.

#include "cli/command_line_test.hpp"

#include <gmock/gmock.h>

namespace amphora {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class RescueCommandTest : public CommandLineTest {
  protected:
    /// A database that has lost its documents, and whose journal has none of them any more.
    void SetUp() override {
        make_shop();
        write("customers.csv", "customer_id,name,email\n1,Kim,kim@example.com\n");
        write("visits.jsonl", R"({"_id": 1, "customer_id": 1})");
        ASSERT_EQ(amphora("load db customers customers.csv").code, 0);
        ASSERT_EQ(amphora("load db visits visits.jsonl").code, 0);
        // What both stores hold at an opening leaves the journal.
        Database::open(directory_.path() + "/db").close();
        fs::remove_all(directory_.path() + "/db/documents");
    }
};

TEST_F(RescueCommandTest, ShowsWhatIsLeftAndSaysWhatIsNot) {
    for (const std::string command : {"dump db customers", "get db customers 1",
                                      "find db customers", "stats db", "tables db"}) {
        EXPECT_EQ(amphora(command).code, 3) << command;
        const Answer answer = amphora(command + " --rescue");
        EXPECT_EQ(answer.code, 0) << command << "\n" << answer.text;
        EXPECT_THAT(answer.text, HasSubstr("left out: ")) << command;
        EXPECT_THAT(answer.text, HasSubstr("documents")) << command;
    }
    EXPECT_EQ(amphora("get db visits 1 --rescue").code, 1);
    EXPECT_THAT(amphora("get db customers 1 --rescue").text, HasSubstr("kim@example.com"));
    EXPECT_FALSE(fs::exists(directory_.path() + "/db/documents")) << "nothing is made";
}

/// The dump can be piped: losses are reported on the other output, not in it.
TEST_F(RescueCommandTest, TellsTheLossesOnTheStandardErrorOnly) {
    // The usual way to join the two outputs comes after the #.
    EXPECT_EQ(amphora("dump db customers --rescue >rows 2>losses #").code, 0);
    EXPECT_EQ(read("rows"), "customer_id,name,email,spent\n1,Kim,kim@example.com,0\n");
    EXPECT_THAT(read("losses"), HasSubstr("left out: "));

    EXPECT_EQ(amphora("stats db --rescue --json >report 2>losses #").code, 0);
    const Document report = Document::from_json(read("report"));
    EXPECT_THAT(report.find("recovery.left_out.0")->as_text().value(), HasSubstr("documents"));
}

/// A sound database is shown completely, and nothing is reported missing.
TEST_F(RescueCommandTest, ASoundDatabaseLosesNothing) {
    write("shop.sql", std::string{shop::schema.text});
    ASSERT_EQ(amphora("init sound --schema shop.sql").code, 0);
    const Answer answer = amphora("tables sound --rescue");
    EXPECT_EQ(answer.code, 0);
    EXPECT_THAT(answer.text, Not(HasSubstr("left out")));
}

TEST_F(RescueCommandTest, IsForLookingOnly) {
    EXPECT_EQ(amphora("load db customers customers.csv --rescue").code, 2);
    EXPECT_EQ(amphora("compact db --rescue").code, 2);
    EXPECT_THAT(amphora("help").text,
                HasSubstr("--rescue opens what is left of a damaged database"));
}

}  // namespace
}  // namespace amphora
