// Export and import: `amphora dump --output` and `amphora load NEW_DATABASE DIRECTORY`.

#include "cli/command_line_test.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace amphora {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LoadDumpTest : public CommandLineTest {
  protected:
    [[nodiscard]] bool exists(const std::string& name) const {
        return fs::exists(directory_.path() + "/" + name);
    }
    /// All files of a folder, by name.
    [[nodiscard]] std::map<std::string, std::string> files_in(const std::string& folder) const {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::directory_iterator(directory_.path() + "/" + folder)) {
            const std::string name = entry.path().filename();
            files[name] = read(folder + "/" + name);
        }
        return files;
    }
    /// What comes after the progress.
    [[nodiscard]] static std::string last_line(const std::string& text) {
        return text.substr(text.rfind('\n', text.size() - 2) + 1);
    }
    void make_dump() const {
        make_shop();
        write("customers.csv",
              "customer_id,name,email,spent\n7,Kim,kim@example.com,5\n8,Lee,l,0\n");
        write("visits.jsonl", "{\"customer_id\": 7, \"page\": \"home\"}\n");
        ASSERT_EQ(amphora("load db customers customers.csv").code, 0);
        ASSERT_EQ(amphora("load db visits visits.jsonl").code, 0);
        ASSERT_EQ(amphora("dump db --output out").code, 0);
    }
    void expect_refused(const std::string& words, const std::string& message) const {
        const Answer answer = amphora(words);
        EXPECT_EQ(answer.code, 3) << answer.text;
        EXPECT_THAT(answer.text, HasSubstr(message));
        EXPECT_FALSE(exists("new"));
        EXPECT_FALSE(exists("new.unfinished"));
    }
};

struct Samples {
    const char* name;
    const char* schemas;  ///< options of init
};

class SampleDumpTest : public LoadDumpTest, public testing::WithParamInterface<Samples> {};

/// The three schemas and their samples: a dump becomes a database whose dump is the same to the
/// byte, in whatever way tables refer to each other.
TEST_P(SampleDumpTest, ADumpOfWhatWasLoadedIsTheSame) {
    std::string init = "init first";
    std::istringstream schemas{GetParam().schemas};
    for (std::string schema; schemas >> schema;) {
        init += " --schema " AMPHORA_SOURCE_DIR "/schema/" + schema;
    }
    ASSERT_EQ(amphora(init).code, 0);
    std::istringstream tables{amphora("tables first --json").text};
    int loaded = 0;
    for (std::string line; std::getline(tables, line);) {
        const Document table = Document::from_json(line);
        const std::string name{*table.field("name")->as_text()};
        for (const char* const ending : {".csv", ".jsonl"}) {
            const std::string sample = AMPHORA_SOURCE_DIR "/schema/sample/" + name + ending;
            if (!fs::exists(sample)) continue;
            const Answer answer = amphora(fmt::format("load first {} {}", name, sample));
            ASSERT_EQ(answer.code, 0) << answer.text;
            ++loaded;
        }
    }
    ASSERT_GE(loaded, 5);
    ASSERT_EQ(amphora("dump first --output out").code, 0);
    const Answer answer = amphora("load second out");
    ASSERT_EQ(answer.code, 0) << answer.text;
    EXPECT_THAT(answer.text, HasSubstr("the same as in out"));
    ASSERT_EQ(amphora("dump second --output again").code, 0);
    EXPECT_EQ(files_in("out"), files_in("again"));
    EXPECT_EQ(amphora("check second").code, 0);
}

INSTANTIATE_TEST_SUITE_P(Schemas, SampleDumpTest,
                         testing::Values(Samples{"mission", "mission.sql"},
                                         Samples{"learning", "mission.sql learning.sql"},
                                         Samples{"coaching", "coaching.sql"}),
                         [](const auto& instance) { return std::string{instance.param.name}; });

/// The order is in dump.json, parents first; it is what loading follows.
TEST_F(LoadDumpTest, TheOrderIsRecorded) {
    make_dump();
    const Document contents = Document::from_json(read("out/dump.json"));
    std::vector<std::string> files;
    for (const Element& file : *contents.field("files")->as_array()) {
        files.emplace_back(*file.value.as_document()->field("file")->as_text());
    }
    EXPECT_THAT(files, testing::ElementsAre("customers.csv", "visits.jsonl"));
    const Document report = Document::from_json(last_line(amphora("load new out --json").text));
    EXPECT_EQ(report.field("rows")->as_int64(), 2);
    EXPECT_EQ(report.field("documents")->as_int64(), 1);
    EXPECT_THAT(amphora("get new customers 7").text, HasSubstr("kim@example.com"));
    // Numbers continue after those that were loaded.
    write("more.csv", "name,email\nPark,park@example.com\n");
    ASSERT_EQ(amphora("load new customers more.csv").code, 0);
    EXPECT_THAT(amphora("get new customers 9").text, HasSubstr("park@example.com"));
}

/// A dump that is not whole becomes no database at all.
TEST_F(LoadDumpTest, ADumpThatIsNotWholeLoadsNothing) {
    make_dump();
    const std::string good = read("out/customers.csv");
    write("out/customers.csv", good + "9,Choi,c,1\n");
    expect_refused("load new out", "out/customers.csv: is not as it was dumped");
    write("out/customers.csv", good);
    fs::remove(directory_.path() + "/out/visits.jsonl");
    expect_refused("load new out", "out/visits.jsonl");
    fs::remove(directory_.path() + "/out/dump.json");
    expect_refused("load new out", "out is not a dump: it holds no file dump.json");
    write("out/dump.json", "{\"amphora_dump\": 2}");
    expect_refused("load new out", "has format 2, this version reads up to 1");
    write("out/dump.json", "{\"amphora_dump\": 1, \"files\": [{\"name\": \"customers\"}]}");
    expect_refused("load new out", "out/dump.json: the field kind is missing");
    EXPECT_EQ(amphora("load new nowhere").code, 2);
}

/// dump.json may come from anywhere; what it names stays inside of its directory.
TEST_F(LoadDumpTest, ADumpNamesNoFileOutside) {
    make_dump();
    std::string contents = read("out/dump.json");
    contents.replace(contents.find("visits.jsonl"), 12, "../visits.jsonl");
    write("out/dump.json", contents);
    expect_refused("load new out", "names the file '../visits.jsonl', which is outside");
}

/// A line that the schema refuses makes the whole load fail: the checksum is right, but the schema
/// is another one.
TEST_F(LoadDumpTest, ALineThatIsRefusedLeavesNothing) {
    make_dump();
    std::string schema = read("out/schema.sql");
    schema.replace(schema.find("spent >= 0"), 10, "spent >= 1");
    write("out/schema.sql", schema);
    expect_refused("load new out", "out/customers.csv:3: ");
}

/// Values that the schema adds to the rows are noticed: the result is compared with the dump.
TEST_F(LoadDumpTest, WhatWasLoadedIsComparedWithTheDump) {
    make_dump();
    std::string schema = read("out/schema.sql");
    schema.replace(schema.find("  spent INT"), 11, "  more INT DEFAULT 1,\n  spent INT");
    write("out/schema.sql", schema);
    expect_refused("load new out", "what was loaded into customers is not what was dumped");
}

/// Only a place where nothing is becomes a database.
TEST_F(LoadDumpTest, ADatabaseIsNotLoadedOver) {
    make_dump();
    const Answer answer = amphora("load db out");
    EXPECT_EQ(answer.code, 3);
    EXPECT_THAT(answer.text, HasSubstr("db: is there already"));
    fs::create_directory(directory_.path() + "/new");
    EXPECT_EQ(amphora("load new/ out").code, 0);
}

/// A load that was killed leaves its unfinished database. The next load starts from the beginning;
/// files that no such load has made stay.
TEST_F(LoadDumpTest, TheRestOfAKilledLoadIsReplaced) {
    make_dump();
    fs::copy(directory_.path() + "/db", directory_.path() + "/new.unfinished",
             fs::copy_options::recursive);
    EXPECT_EQ(amphora("load new out").code, 0);
    EXPECT_FALSE(exists("new.unfinished"));
    fs::create_directory(directory_.path() + "/third.unfinished");
    write("third.unfinished/letter.txt", "dear all");
    EXPECT_THAT(amphora("load third out").text, HasSubstr("holds letter.txt"));
    EXPECT_TRUE(exists("third.unfinished/letter.txt"));
}

}  // namespace
}  // namespace amphora
