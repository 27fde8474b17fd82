// amphora watch: the changes of a database.

#include "cli/command_line_test.hpp"
#include "support/comes_true.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace amphora {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

class WatchTest : public CommandLineTest {
  protected:
    void SetUp() override {
        Database db = Database::open(directory_.path() + "/db", shop::schema);
        db.write(
            [&](Transaction& tx) {
                shop::add_customer(tx, "Kim");
                tx.insert(shop::visits,
                          {{"_id", 7}, {"customer_id", std::int64_t{1}}, {"card", "4711"}});
                tx.publish("user.created", {{"id", 1}});
            },
            {.origin = "till", .correlation = "visit-7"});
        db.write([&](Transaction& tx) {
            tx.update(shop::customers, 1, Record{{"spent", 5}});
            tx.publish("audit", {});
        });
        timeline_ = db.statistics().timeline;
        db.close();
    }

    std::vector<std::string> lines(const std::string& words) const {
        const Answer answer = amphora("watch db " + words);
        EXPECT_EQ(answer.code, 0) << answer.text;
        std::vector<std::string> all;
        std::istringstream text{answer.text};
        for (std::string line; std::getline(text, line);) all.push_back(line);
        return all;
    }
    std::vector<Document> objects(const std::string& words) const {
        std::vector<Document> all;
        for (const std::string& line : lines(words)) all.push_back(Document::from_json(line));
        return all;
    }
    static std::string text_of(const Document& object, std::string_view path) {
        const auto value = object.find(path);
        return value ? std::string{value->as_text().value_or("no text")} : "none";
    }
    /// The end of each line of the readable form: what has happened.
    std::vector<std::string> told(const std::string& words) const {
        std::vector<std::string> all;
        for (const std::string& line : lines(words)) {
            EXPECT_THAT(line, MatchesRegex("[0-9a-f]{32}:[0-9]+(:[0-9]+)?  "
                                           "20[0-9-]{8}T[0-9:]{8}\\.[0-9]{6}Z  .*"));
            all.push_back(line.substr(line.find("Z  ") + 3));
        }
        return all;
    }

    std::string timeline_;
};

TEST_F(WatchTest, ALineSaysWhereWhenAndWhat) {
    EXPECT_THAT(told(""), ElementsAre("schema customers", "schema visits",
                                      R"(insert customers {"customer_id": 1})", "insert visits 7",
                                      R"(event user.created {"id": 1})",
                                      R"(update customers {"customer_id": 1})", "event audit {}"));
    EXPECT_THAT(lines("").at(2), StartsWith(timeline_ + ":"));
}

TEST_F(WatchTest, ANameIsATableACollectionOrATopic) {
    EXPECT_THAT(told("CUSTOMERS"), ElementsAre(HasSubstr("insert"), HasSubstr("update")));
    EXPECT_THAT(told("visits 'user.*'"), ElementsAre("insert visits 7", HasSubstr("user.created")));
    EXPECT_THAT(told("'*'"), ElementsAre(HasSubstr("user.created"), HasSubstr("audit")));
    EXPECT_THAT(told("topic:audit"), ElementsAre("event audit {}"));
    EXPECT_THAT(told("user.erased"), ElementsAre());
}

TEST_F(WatchTest, KindsAndOriginsAreSelected) {
    EXPECT_THAT(told("--kind update --kind schema"),
                ElementsAre("schema customers", "schema visits", HasSubstr("update customers")));
    EXPECT_THAT(told("--origin till"), ElementsAre(HasSubstr("insert customers"), "insert visits 7",
                                                   HasSubstr("user.created")));
    EXPECT_THAT(told("--origin till --kind event"), ElementsAre(HasSubstr("user.created")));
    EXPECT_THAT(told("--origin nobody"), ElementsAre());
}

TEST_F(WatchTest, ItContinuesAfterAPosition) {
    const std::vector<std::string> all = lines("");
    for (std::size_t at = 0; at < all.size(); ++at) {
        const std::string position = all[at].substr(0, all[at].find(' '));
        const std::vector<std::string> rest = lines("--from " + position);
        EXPECT_THAT(rest,
                    testing::ElementsAreArray(all.begin() + static_cast<long>(at) + 1, all.end()));
    }
    EXPECT_EQ(lines("--from oldest"), all);
    EXPECT_THAT(lines("--from end"), ElementsAre());
    EXPECT_THAT(told("--from snapshot"),
                ElementsAre(R"(read customers {"customer_id": 1})", "read visits 7"));
}

TEST_F(WatchTest, TheFormsForProgramsAreOneObjectALine) {
    const std::vector<Document> plain = objects("customers --json");
    ASSERT_EQ(plain.size(), 2u);
    EXPECT_EQ(text_of(plain[0], "op"), "insert");
    EXPECT_EQ(text_of(plain[0], "after.name"), "Kim");
    EXPECT_EQ(text_of(plain[0], "origin"), "till");
    const std::vector<Document> events = objects("customers --cloudevents");
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(text_of(events[1], "type"), "amphora.row.update");
    EXPECT_EQ(text_of(events[1], "subject"), "customers/1");
    const std::vector<Document> messages = objects("customers --debezium");
    ASSERT_EQ(messages.size(), 6u);
    EXPECT_EQ(text_of(messages[0], "topic"), "amphora.transaction");
    EXPECT_EQ(text_of(messages[1], "topic"), "amphora.db.customers");
    EXPECT_EQ(text_of(messages[1], "value.op"), "c");
    EXPECT_EQ(text_of(messages[5], "value.status"), "END")
        << "though the event after it is not shown";
}

TEST_F(WatchTest, AMaskedColumnShowsInNoForm) {
    for (const char* const form : {"", "--json", "--debezium", "--cloudevents"}) {
        const Answer answer = amphora(std::string{"watch db customers visits --mask customers.name "
                                                  "--mask customers.EMAIL --mask visits.card "} +
                                      form);
        EXPECT_EQ(answer.code, 0);
        EXPECT_THAT(answer.text, AllOf(Not(HasSubstr("Kim")), Not(HasSubstr("4711\""))));
        EXPECT_EQ(answer.text.find("***") == std::string::npos, *form == 0) << form;
    }
}

TEST_F(WatchTest, AWrongCallIsAnsweredWithItsUsage) {
    for (const auto& [words, said] : std::vector<std::pair<std::string, std::string>>{
             {"", "name a database"},
             {"db --json --debezium", "choose one of --json, --debezium and --cloudevents"},
             {"db --from yesterday", "--from takes oldest, end, snapshot or a position: "},
             {"db --mask name", "--mask takes TABLE.COLUMN, not 'name'"},
             {"db --mask .name", "--mask takes TABLE.COLUMN"},
             {"db --mask name.", "--mask takes TABLE.COLUMN"},
             {"db --kind delete",
              "--kind takes one of insert, update, erase, read, schema, event, not 'delete'"}}) {
        const Answer answer = amphora("watch " + words);
        EXPECT_EQ(answer.code, 2) << words;
        EXPECT_THAT(answer.text, AllOf(HasSubstr("amphora watch: " + said),
                                       HasSubstr("usage: amphora watch DATABASE")));
    }
}

TEST_F(WatchTest, AnErrorSaysWhatAndWhere) {
    const std::string other(32, '0');
    for (const auto& [words, said, code] : std::vector<std::array<std::string, 3>>{
             {"customer",
              "has no table or collection customer; it has customers, visits; the topic "
              "of events is written topic:customer, topics that begin alike 'customer.*'",
              "no_such_table"},
             {"--from " + other + ":1:1", other, "unknown_position"},
             {"--from " + timeline_ + ":999", "999", "unknown_position"},
             {"--mask nothing.x", "has no table or collection nothing", "no_such_table"},
             {"--mask customers.x", "table customers has no column x to mask", "no_such_column"},
             {"--mask customers.customer_id", "customers.customer_id cannot be masked",
              "invalid_argument"},
             {"--mask visits._id", "visits._id cannot be masked", "invalid_argument"},
             {"'us*'", "us*", "invalid_argument"},
             {"topic:", "topic", "invalid_argument"}}) {
        const Answer answer = amphora("watch db " + words);
        EXPECT_EQ(answer.code, 3) << words << ": " << answer.text;
        EXPECT_THAT(answer.text, AllOf(HasSubstr(said), HasSubstr("(" + code + ")"))) << words;
    }
    EXPECT_EQ(amphora("watch nothing").code, 3);
}

TEST_F(WatchTest, ADatabaseThatIsInUseIsWatchedWhileItChanges) {
    Database db = Database::open(directory_.path() + "/db");
    db.write([](Transaction& tx) { shop::add_customer(tx, "Han"); });
    EXPECT_THAT(amphora("watch db customers --json").text, HasSubstr("Han"));
    const std::string seen = directory_.path() + "/seen";
    const std::string pid =
        shell(std::string{AMPHORA_CLI} + " watch db customers --json --follow > " + seen +
              " 2>&1 & echo $!")
            .text;
    const auto has_seen = [&](const char* name) {
        std::ostringstream text;
        text << std::ifstream{seen}.rdbuf();
        return text.str().find(name) != std::string::npos;
    };
    EXPECT_TRUE(support::comes_true([&] { return has_seen("Han"); }));
    db.write([](Transaction& tx) { shop::add_customer(tx, "Lee"); });
    EXPECT_TRUE(support::comes_true([&] { return has_seen("Lee"); }));
    db.close();
    db = Database::open(directory_.path() + "/db");
    db.write([](Transaction& tx) { shop::add_customer(tx, "Park"); });
    EXPECT_TRUE(support::comes_true([&] { return has_seen("Park"); })) << "of another owner";
    ::kill(static_cast<pid_t>(std::stol(pid)), SIGTERM);
}

/// A reader that has seen enough is no error, whatever its parent does with SIGPIPE.
TEST_F(WatchTest, AClosedPipeEndsItQuietly) {
    constexpr int descriptor = 9;  // the shell knows those of one digit
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    ASSERT_EQ(::dup2(ends[1], descriptor), descriptor);
    ::close(ends[0]);
    for (const char* const before : {"", "trap '' PIPE; "}) {
        const Answer answer =
            shell(std::string{before} + AMPHORA_CLI + " watch db >&9; echo ended $?");
        EXPECT_EQ(answer.text, "ended 0\n");
    }
    ::close(ends[1]);
    ::close(descriptor);
}

TEST_F(WatchTest, AnOutputThatIsFullIsAnError) {
    const Answer answer = shell(std::string{AMPHORA_CLI} + " watch db > /dev/full");
    EXPECT_EQ(answer.code, 3);
    EXPECT_THAT(answer.text, HasSubstr("the standard output could not be written"));
}

TEST_F(WatchTest, ItChangesNothing) {
    const std::string before =
        shell("find db -type f ! -iname 'lock*' ! -name 'LOG*' | sort | xargs sha256sum").text;
    amphora("watch db --from snapshot --json");
    EXPECT_EQ(
        shell("find db -type f ! -iname 'lock*' ! -name 'LOG*' | sort | xargs sha256sum").text,
        before);
}

TEST_F(WatchTest, AnArchiveIsWatchedWithoutItsDatabase) {
    const std::vector<std::string> all = lines("");
    ASSERT_EQ(amphora("archive db kept").code, 0);
    ASSERT_EQ(amphora("watch db customers --json").code, 0);
    const std::string json = amphora("watch db customers --json").text;
    std::filesystem::remove_all(directory_.path() + "/db");
    const auto archived = [&](const std::string& words) {
        const Answer answer = amphora("watch --archive kept " + words);
        EXPECT_EQ(answer.code, 0) << answer.text;
        return answer.text;
    };
    std::string text;
    for (const std::string& line : all) text += line + "\n";
    EXPECT_EQ(archived(""), text);
    EXPECT_EQ(archived("customers --json"), json);
    EXPECT_THAT(archived("customers --cloudevents --kind insert"), HasSubstr("amphora.row.insert"));
    EXPECT_THAT(archived("customers --debezium"), HasSubstr("amphora.kept.customers"));
    EXPECT_THAT(archived("visits --json --mask visits.card"),
                AllOf(HasSubstr("***"), Not(HasSubstr("4711"))));
    EXPECT_THAT(archived("--origin till 'user.*'"), HasSubstr("user.created"));
    const std::string position = all[2].substr(0, all[2].find(' '));
    EXPECT_THAT(archived("--from " + position), StartsWith(all[3]));
    EXPECT_EQ(archived("--timeline " + timeline_), text);
    EXPECT_EQ(archived("--from end"), "");
}

TEST_F(WatchTest, WhatAnArchiveCannotShowIsNamed) {
    ASSERT_EQ(amphora("archive db kept").code, 0);
    EXPECT_EQ(amphora("watch --archive kept --as printer").code, 2);
    EXPECT_EQ(amphora("watch --archive kept --from snapshot").code, 2);
    EXPECT_EQ(amphora("watch db --timeline " + timeline_).code, 2);
    const auto refused = [&](const std::string& words, const std::string& why) {
        const Answer answer = amphora("watch --archive " + words);
        EXPECT_EQ(answer.code, 3) << answer.text;
        EXPECT_THAT(answer.text, HasSubstr(why));
    };
    refused("nowhere", "nowhere is not an archive: there is no such directory");
    refused("db", "db is not an archive: it holds no segment");
    refused("kept nothing", "kept has no table or collection nothing; it has customers, visits");
    refused("kept --timeline 00", "holds nothing of timeline 00; it has " + timeline_);
    refused("kept --from 00112233445566778899aabbccddeeff:1", "unknown_position");
}

}  // namespace
}  // namespace amphora
