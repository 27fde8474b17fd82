// The command line as people use it in a shell: words in, text and an exit code out.

#include "cli/command_line_test.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace amphora {
namespace {

namespace fs = std::filesystem;

/// A bad line is named by its number and takes no good one with it.
TEST_F(CommandLineTest, LoadsWhatIsGoodAndNamesWhatIsNot) {
    make_shop();
    write("customers.csv",
          "customer_id,name,email,spent\n"
          "1,Kim,kim@example.com,5\n"
          "2,\"Park, J.\",park@example.com,\n"  // NULL into NOT NULL
          "3,Lee,kim@example.com,1\n"           // the e-mail is taken
          "4,Choi\n"                            // too few fields
          "5,Jung,jung@example.com,-1\n"        // CHECK
          "6,\"Han \"\"H\"\" Na\",han@example.com,7\n");
    const Answer loaded = amphora("load db customers customers.csv");
    EXPECT_EQ(loaded.code, 1) << loaded.text;
    for (const std::string line :
         {"customers.csv:3:", "customers.csv:4:", "customers.csv:5:", "customers.csv:6:"}) {
        EXPECT_NE(loaded.text.find(line), std::string::npos) << line << "\n" << loaded.text;
    }
    EXPECT_NE(loaded.text.find("customers: 2 loaded, 4 rejected"), std::string::npos)
        << loaded.text;

    const Answer row = amphora("get db customers 6 --json");
    EXPECT_EQ(row.code, 0);
    EXPECT_NE(row.text.find(R"("name": "Han \"H\" Na")"), std::string::npos) << row.text;
    EXPECT_EQ(amphora("get db customers 2").code, 1);

    write("visits.json",
          "[\n{\"customer_id\": 1, \"page\": \"home\"},\n"
          "{\"customer_id\": 99, \"page\": \"lost\"},\n"
          "{\"customer_id\": 6, \"page\": \"shop\", \"at\": {\"$date\": 1393804800000}}\n]\n");
    const Answer documents = amphora("load db visits visits.json");
    EXPECT_EQ(documents.code, 1);
    EXPECT_NE(documents.text.find("visits.json:3:"), std::string::npos) << documents.text;
    EXPECT_NE(documents.text.find("visits: 2 loaded, 1 rejected"), std::string::npos);

    const Answer found = amphora(R"(find db visits '{"page": "shop"}')");
    EXPECT_EQ(found.code, 0);
    EXPECT_NE(found.text.find("2014-03-03T00:00:00Z"), std::string::npos) << found.text;
    EXPECT_EQ(amphora(R"(find db visits '{"page": "none"}')").code, 1);

    const Answer rows = amphora("find db customers 'spent>=6' --json");
    EXPECT_NE(rows.text.find("han@example.com"), std::string::npos) << rows.text;
    EXPECT_EQ(rows.text.find("kim@example.com"), std::string::npos) << rows.text;

    const Answer check = amphora("check db");
    EXPECT_EQ(check.code, 0) << check.text;
    EXPECT_NE(check.text.find("2 rows, 2 documents"), std::string::npos) << check.text;
}

/// A schema that was written to a full disk is not a copy. Every command reports this by its exit
/// code, which scripts test.
TEST_F(CommandLineTest, AnAnswerThatDoesNotGetOutIsAnError) {
    if (!fs::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full";
    make_shop();
    for (const char* const command :
         {"dump db --schema", "dump db customers", "tables db", "stats db --json", "check db"}) {
        EXPECT_EQ(amphora(std::string{command} + " > /dev/full").code, 3) << command;
    }
}

/// A table may have any name in double quotes; its file stays in the directory that was named.
TEST_F(CommandLineTest, ADumpStaysInItsDirectory) {
    write("odd.sql", R"(CREATE TABLE "../100%" (id BIGINT PRIMARY KEY);)");
    ASSERT_EQ(amphora("init db --schema odd.sql").code, 0);
    const Answer answer = amphora("dump db --output out");
    EXPECT_EQ(answer.code, 0) << answer.text;
    EXPECT_EQ(read("out/..%2f100%25.csv"), "id\n");
    EXPECT_FALSE(fs::exists(directory_.path() + "/100%.csv"));
}

/// A line that is wrong is named once, by the file and its number.
TEST_F(CommandLineTest, ABadLineIsNamedOnce) {
    make_shop();
    write("bad.csv",
          "customer_id,name,email,spent\n"
          "1,Kim,k,abc\n"
          "2,\"Lee\n,l,0\n");
    const Answer answer = amphora("load db customers bad.csv");
    EXPECT_EQ(answer.code, 1);
    EXPECT_NE(answer.text.find("bad.csv:2: column spent of customers is INT: 'abc' is no whole "
                               "number\n"),
              std::string::npos)
        << answer.text;
    EXPECT_NE(answer.text.find("bad.csv:3: a quote that opens in this line is not closed before "
                               "the end of the file, in line 5\n"),
              std::string::npos)
        << answer.text;
    write("bad.csv", "customer_id,\"na\"me\n");
    const Answer header = amphora("load db customers bad.csv");
    EXPECT_EQ(header.code, 3);
    EXPECT_NE(header.text.find("bad.csv:1: text follows a closing quote"), std::string::npos)
        << header.text;
    write("bad.csv", "customer_id,nmae\n");
    EXPECT_NE(amphora("load db customers bad.csv")
                  .text.find("bad.csv: the header names nmae; table customers has customer_id, "
                             "name, email, spent"),
              std::string::npos);
}

/// Everything can be exported: a dump can be loaded into a new database, whose dump is the same to
/// the byte.
TEST_F(CommandLineTest, ADumpIsAWayOutAndBack) {
    const std::string sample = AMPHORA_SOURCE_DIR "/schema/sample/";
    const std::string schema = AMPHORA_SOURCE_DIR "/schema/mission.sql";
    ASSERT_EQ(amphora("init first --schema " + schema).code, 0);
    const std::vector<std::string> names{"regions.csv",       "stores.csv",
                                         "users.csv",         "missions.csv",
                                         "user_missions.csv", "activity_logs.jsonl"};
    for (const std::string& name : names) {
        const Answer loaded = amphora(
            fmt::format("load first {} {}{}", name.substr(0, name.find('.')), sample, name));
        ASSERT_EQ(loaded.code, 0) << loaded.text;
    }
    ASSERT_EQ(amphora("dump first --output out").code, 0);
    ASSERT_EQ(amphora("init second --schema out/schema.sql").code, 0);
    for (const std::string& name : names) {
        const Answer loaded =
            amphora("load second " + name.substr(0, name.find('.')) + " out/" + name);
        ASSERT_EQ(loaded.code, 0) << loaded.text;
    }
    ASSERT_EQ(amphora("dump second --output again").code, 0);
    for (const auto& entry : fs::directory_iterator(directory_.path() + "/out")) {
        const std::string name = entry.path().filename();
        EXPECT_EQ(read("out/" + name), read("again/" + name)) << name;
    }
}

/// Values that are hard to write survive a dump and a load, and the second dump is the first to the
/// byte: fields whose names mark types, a decimal's last zero, the sign of zero.
TEST_F(CommandLineTest, ADumpKeepsWhatIsHardToSpell) {
    write(
        "odd.sql",
        "CREATE TABLE prices (id BIGINT PRIMARY KEY, price DECIMAL(6,2), rate DOUBLE, half FLOAT);"
        "CREATE COLLECTION things (rate DOUBLE, price DECIMAL(6,2));");
    write("prices.csv", "id,price,rate,half\n1,1.50,-0.0,-0.0\n2,7.00,0,0.5\n");
    const std::string things =
        R"({"_id": {"$numberInt": "1"}, "in": {"$document": [["$date", "text"]]}})"
        "\n"
        R"({"$document": [["_id", {"$numberInt": "2"}], ["$oid", "x"], ["$oid", {"$oid": "507f1f77bcf86cd799439011"}]]})"
        "\n"
        R"({"_id": {"$numberInt": "3"}, "rate": {"$numberDouble": "-0.0"}, "price": {"$numberDecimal": "1.50"}})"
        "\n"
        R"({"_id": {"$numberInt": "4"}, "at": {"$date": {"$numberLong": "-9223372036854775808"}}, "big": {"$numberDouble": "1.2345678921232E+18"}})"
        "\n";
    write("things.jsonl", things);
    for (const std::string db : {"first", "second"}) {
        ASSERT_EQ(amphora("init " + db + " --schema odd.sql").code, 0);
        const std::string from = db == "first" ? "" : "out/";
        for (const std::string file : {"prices.csv", "things.jsonl"}) {
            const Answer loaded =
                amphora("load " + db + " " + file.substr(0, 6) + " " + from + file);
            ASSERT_EQ(loaded.code, 0) << loaded.text;
        }
        ASSERT_EQ(amphora("dump " + db + " --output " + (db == "first" ? "out" : "again")).code, 0);
    }
    EXPECT_EQ(read("out/prices.csv"), "id,price,rate,half\n1,1.50,-0.0,-0.0\n2,7.00,0,0.5\n");
    EXPECT_EQ(read("out/things.jsonl"), things);
    EXPECT_EQ(read("again/prices.csv"), read("out/prices.csv"));
    EXPECT_EQ(read("again/things.jsonl"), read("out/things.jsonl"));
}

/// A whole number beyond 64 bits is refused by name, or becomes a decimal on request; it never
/// becomes another number.
TEST_F(CommandLineTest, LoadsLargeIntegersExactlyOrNotAtAll) {
    write("things.sql", "CREATE COLLECTION things (n BIGINT);");
    write("things.jsonl", "{\"_id\": 1, \"x\": 18446744073709551615}\n{\"_id\": 2, \"x\": 1}\n");
    ASSERT_EQ(amphora("init db --schema things.sql").code, 0);
    const Answer refused = amphora("load db things things.jsonl");
    EXPECT_EQ(refused.code, 1);
    EXPECT_NE(refused.text.find("things.jsonl:1:"), std::string::npos) << refused.text;
    EXPECT_NE(refused.text.find("18446744073709551615 is beyond 64 bits"), std::string::npos)
        << refused.text;
    EXPECT_NE(refused.text.find("1 loaded, 1 rejected"), std::string::npos) << refused.text;
    const Answer loaded = amphora("load db things things.jsonl --decimals");
    EXPECT_NE(loaded.text.find("1 loaded, 1 rejected"), std::string::npos) << loaded.text;
    EXPECT_NE(amphora("get db things 1").text.find(R"({"$numberDecimal": "18446744073709551615"})"),
              std::string::npos);
}

/// A FLOAT is shown as it was written, not with the digits that it has as a double.
TEST_F(CommandLineTest, ShowsAFloatAsTheShortestNumberThatReadsBack) {
    write("scores.sql", "CREATE TABLE scores (id BIGINT PRIMARY KEY, score FLOAT);");
    write("scores.csv", "id,score\n1,4.3\n2,16777216\n3,\n4,3.4028234663852886e+38\n5,0.1\n");
    ASSERT_EQ(amphora("init db --schema scores.sql").code, 0);
    ASSERT_EQ(amphora("load db scores scores.csv").code, 0);
    for (const std::string command :
         {"get db scores 1", "get db scores 1 --json", "find db scores", "find db scores --json"}) {
        const Answer answer = amphora(command);
        EXPECT_NE(answer.text.find("4.3"), std::string::npos) << answer.text;
        EXPECT_EQ(answer.text.find("4.30"), std::string::npos) << answer.text;
    }
    EXPECT_EQ(amphora("dump db scores").text,
              "id,score\n1,4.3\n2,16777216\n3,\n4,3.4028234663852886e+38\n5,0.1\n");
}

/// Somebody has it open: what would change it says who, and leaves it alone.
TEST_F(CommandLineTest, ADatabaseInUseNamesItsUser) {
    make_shop();
    const Database db = Database::open(directory_.path() + "/db");
    for (const char* const command : {"compact db", "load db customers -", "check db --deep"}) {
        const Answer answer = amphora(command);
        EXPECT_EQ(answer.code, 3) << command;
        EXPECT_NE(answer.text.find("in use by pid " + std::to_string(::getpid())),
                  std::string::npos)
            << answer.text;
    }
}

/// What only reads shows the newest commit.
TEST_F(CommandLineTest, ADatabaseInUseCanBeRead) {
    make_shop();
    Database db = Database::open(directory_.path() + "/db");
    db.write([](Transaction& tx) { shop::add_customer(tx, "Kim"); });
    EXPECT_NE(amphora("get db customers 1").text.find("Kim"), std::string::npos);
    EXPECT_NE(amphora("find db customers").text.find("Kim"), std::string::npos);
    EXPECT_NE(amphora("dump db customers").text.find("Kim"), std::string::npos);
    EXPECT_NE(amphora("tables db").text.find("customers"), std::string::npos);
    EXPECT_NE(amphora("watch db customers --json").text.find("Kim"), std::string::npos);
    const Answer stats = amphora("stats db --json");
    EXPECT_EQ(stats.code, 0) << stats.text;
    const Document figures = Document::from_json(stats.text);
    EXPECT_EQ(figures.find("observers")->as_int64(), 1) << "the command itself";
    EXPECT_EQ(figures.find("commits")->as_int64(), 1) << "of the owner";
    const Answer check = amphora("check db");
    EXPECT_EQ(check.code, 0) << check.text;
    EXPECT_NE(check.text.find("1 rows"), std::string::npos) << check.text;

    db.write([](Transaction& tx) { shop::add_customer(tx, "Lee"); });
    EXPECT_NE(amphora("get db customers 2").text.find("Lee"), std::string::npos);
}

TEST_F(CommandLineTest, AWrongCallSaysHowItIsMade) {
    make_shop();
    for (const std::string words :
         {"", "frobnicate db", "get db customers", "find db customers spent", "load db customers",
          "find db customers --limit many", "stats db --verbose"}) {
        EXPECT_EQ(amphora(words).code, 2) << words;
    }
    EXPECT_EQ(amphora("help").code, 0);
    EXPECT_EQ(amphora("stats nowhere").code, 3);
    const Answer no_table = amphora("get db custmers 1");
    EXPECT_EQ(no_table.code, 3);
    EXPECT_NE(no_table.text.find("customers"), std::string::npos) << no_table.text;

    write("bad.sql", "CREATE TABLE t (\n  a BIGNIT PRIMARY KEY\n);\n");
    const Answer bad = amphora("init other --schema bad.sql");
    EXPECT_EQ(bad.code, 3);
    EXPECT_NE(bad.text.find("bad.sql:2:5"), std::string::npos) << bad.text;
    EXPECT_FALSE(fs::exists(directory_.path() + "/other"));
}

/// A database that no program has open for long is relieved of expired documents by hand.
TEST_F(CommandLineTest, ExpireRemovesWhatHasExpired) {
    write("logs.sql",
          "CREATE COLLECTION logs (at DATETIME) WITH (retain = '90 days', "
          "retain_by = 'at');\n");
    write("logs.jsonl", R"({"_id": 1, "at": {"$date": "2020-01-31T12:00:00Z"}}
{"_id": 2, "at": {"$date": "2999-01-31T12:00:00Z"}}
)");
    ASSERT_EQ(amphora("init db --schema logs.sql").code, 0);
    ASSERT_EQ(amphora("load db logs logs.jsonl").code, 0);
    EXPECT_NE(amphora("stats db").text.find("retention of"), std::string::npos);
    EXPECT_EQ(amphora("expire db").text, "logs: 1 documents had expired\n");
    EXPECT_EQ(amphora("expire db --json").text,
              "{\"expired\": 0, \"collections\": [{\"collection\": \"logs\", \"expired\": 0}]}\n");
    EXPECT_EQ(amphora("get db logs 1").code, 1);
    EXPECT_EQ(amphora("get db logs 2").code, 0);
    write("free.sql", "CREATE COLLECTION notes (at DATETIME);\n");
    ASSERT_EQ(amphora("init free --schema free.sql").code, 0);
    EXPECT_EQ(amphora("expire free").text, "no collection says when its documents expire\n");
    EXPECT_EQ(amphora("stats free").text.find("retention of"), std::string::npos);
}

/// Deleted rows leave free pages; compacting gives them back and loses nothing.
TEST_F(CommandLineTest, CompactingGivesSpaceBack) {
    make_shop();
    {
        Database db = Database::open(directory_.path() + "/db");
        db.write([](Transaction& tx) {
            for (int customer = 0; customer < 20'000; ++customer) {
                shop::add_customer(tx, "c" + std::to_string(customer));
            }
        });
        db.write([](Transaction& tx) {
            for (std::int64_t customer = 1; customer < 20'000; ++customer) {
                tx.erase(shop::customers, {customer});
            }
        });
        db.close();
    }
    const auto size = [&] { return fs::file_size(directory_.path() + "/db/relational/data.mdb"); };
    const auto before = size();
    EXPECT_EQ(amphora("compact db").code, 0);
    EXPECT_LT(size(), before / 2);
    EXPECT_EQ(amphora("get db customers 20000").code, 0);
    EXPECT_EQ(amphora("check db").code, 0);
}

TEST_F(CommandLineTest, TellsWhatThereIs) {
    make_shop();
    const Answer tables = amphora("tables db");
    EXPECT_NE(tables.text.find("customers_by_email"), std::string::npos) << tables.text;
    EXPECT_NE(tables.text.find("collection"), std::string::npos);
    const Answer stats = amphora("stats db --json");
    const Document report = Document::from_json(stats.text);
    EXPECT_EQ(report.find("trees.0.name")->as_text(), "relational");
    EXPECT_TRUE(report.find("journal.durable").has_value());
    EXPECT_TRUE(report.find("trees.1.window.p99_us").has_value());
}

/// Documents in table files are counted from the first call on.
TEST_F(CommandLineTest, CountsDocumentsInADatabaseThatIsOnlyLookedAt) {
    make_shop();
    write("customers.csv", "customer_id,name,email\n1,Kim,kim@example.com\n");
    ASSERT_EQ(amphora("load db customers customers.csv").code, 0);
    std::string lines;
    for (int i = 0; i < 1000; ++i) {
        lines += R"({"customer_id": 1})"
                 "\n";
    }
    write("visits.jsonl", lines);
    ASSERT_EQ(amphora("load db visits visits.jsonl").code, 0);
    const Document report = Document::from_json(amphora("stats db --json").text);
    EXPECT_GE(report.find("trees.1.entries")->as_int64(), 1000);
}

}  // namespace
}  // namespace amphora
