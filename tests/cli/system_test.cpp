// What the engine keeps for itself, seen from the command line: shown to those who ask, read by
// name, never loaded into, and in every dump.

#include "cli/command_line_test.hpp"
#include "database/system_rows.hpp"

#include <gmock/gmock.h>

namespace amphora {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SystemCommandTest : public CommandLineTest {
  protected:
    void SetUp() override { make_shop(); }
    void fill() const {
        Database db = Database::open(directory_.path() + "/db");
        add_system_rows(db, "figures, \"quoted\"", 3);
        db.close();
    }
};

TEST_F(SystemCommandTest, TablesListsThemOnlyWithTheOption) {
    EXPECT_THAT(amphora("tables db").text,
                AllOf(HasSubstr("customers"), Not(HasSubstr("amphora."))));
    EXPECT_THAT(amphora("tables db --system").text,
                AllOf(HasSubstr("customers"), HasSubstr("amphora.consumers"),
                      HasSubstr("amphora.dead_letters")));
    EXPECT_THAT(amphora("dump db --schema").text, Not(HasSubstr("amphora.")));
    EXPECT_THAT(amphora("get db nothing 1").text,
                AllOf(HasSubstr("customers"), Not(HasSubstr("amphora."))));
}

TEST_F(SystemCommandTest, ReadsThemByName) {
    fill();
    EXPECT_THAT(amphora(R"(get db amphora.consumers 'figures, "quoted"' --json)").text,
                AllOf(HasSubstr("\"state\": \"running\""), HasSubstr(":7:0")));
    EXPECT_THAT(amphora("find db amphora.consumers state=running --json").text,
                HasSubstr("figures"));
    EXPECT_THAT(
        amphora("find db AMPHORA.dead_letters '{\"attempts\": 5}' --limit 2 --json").text,
        AllOf(HasSubstr("\"_id\": 1"), HasSubstr("\"_id\": 2"), Not(HasSubstr("\"_id\": 3"))));
    EXPECT_THAT(amphora("dump db amphora.consumers").text, HasSubstr("name,position,definition"));
}

TEST_F(SystemCommandTest, LoadDoesNotWriteToThem) {
    write("consumers.csv", "name,position,definition\nmine,1/1/0,{}\n");
    const Answer answer = amphora("load db amphora.consumers consumers.csv");
    EXPECT_EQ(answer.code, 3);
    EXPECT_THAT(answer.text, HasSubstr("only the engine writes to it"));
    write("letters.jsonl", "{\"_id\": 1}\n");
    EXPECT_EQ(amphora("load db amphora.dead_letters letters.jsonl").code, 3);
    write("bad.sql", "CREATE TABLE amphora.mine (id INT PRIMARY KEY);");
    EXPECT_THAT(amphora("init db --schema bad.sql").text, HasSubstr("are reserved"));
}

/// A database that is made of the dump has the same consumers at the same positions.
TEST_F(SystemCommandTest, ADumpHasThemAndLoadsThem) {
    fill();
    ASSERT_EQ(amphora("dump db --output out").code, 0);
    EXPECT_THAT(read("out/schema.sql"), Not(HasSubstr("amphora.")));
    const Answer loaded = amphora("load copy out");
    ASSERT_EQ(loaded.code, 0) << loaded.text;
    for (const char* const name : {"amphora.consumers", "amphora.dead_letters", "customers"}) {
        const std::string dump = std::string{" "} + name;
        EXPECT_EQ(amphora("dump copy" + dump).text, amphora("dump db" + dump).text);
    }
    EXPECT_THAT(amphora("dump copy amphora.dead_letters").text, HasSubstr("no such mission"));
    ASSERT_EQ(amphora("dump copy --output again").code, 0);
    EXPECT_EQ(read("again/dump.json"), read("out/dump.json"));
}

/// They are in a dump only where they hold something, so an earlier version can load it.
TEST_F(SystemCommandTest, ADumpDoesNotHaveEmptyOnes) {
    ASSERT_EQ(amphora("dump db --output out").code, 0);
    EXPECT_THAT(read("out/dump.json"), Not(HasSubstr("amphora.")));
    EXPECT_EQ(amphora("load copy out").code, 0);
}

}  // namespace
}  // namespace amphora
