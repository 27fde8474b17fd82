// What a schema adds to a database that already holds rows and documents.

#include "support/scratch_directory.hpp"

#include <amphora/amphora.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace amphora {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr Schema before{"before", R"sql(
CREATE TABLE people (
    id BIGINT PRIMARY KEY,
    name VARCHAR(40) NOT NULL
);
CREATE COLLECTION notes (author VARCHAR(40));
)sql"};

constexpr Schema after{"after", R"sql(
CREATE TABLE people (
    id BIGINT PRIMARY KEY,
    name VARCHAR(40) NOT NULL
);
CREATE INDEX people_by_name ON people (name);
CREATE COLLECTION notes (author VARCHAR(40));
CREATE INDEX notes_by_author ON notes (author);
)sql"};

constexpr Table people{"people"};
constexpr Collection notes{"notes"};
constexpr int rows = 8000;

Options small() {
    Options options;
    options.profile = Profile::edge;
    options.segment_bytes = 256u << 10;
    return options;
}

void fill(Database& db) {
    for (int from = 0; from < rows; from += 500) {
        db.write([&](Transaction& tx) {
            for (int each = from; each < from + 500; ++each) {
                const std::string name = "somebody called " + std::to_string(each);
                tx.insert(people, Record{{"id", each}, {"name", name}});
                tx.insert(notes, {{"_id", each}, {"author", name}});
            }
        });
    }
}

/// The number after the name of an option; 0: it is not named.
std::uint64_t advised(const std::string& message, const std::string& option) {
    std::smatch found;
    if (!std::regex_search(message, found, std::regex{"\\b" + option + " ([0-9]+)"})) return 0;
    return std::stoull(found[1]);
}

/// An index over stored rows is built in one transaction. If this does not fit, the error names
/// what was to be added and the options with which it fits. They are needed for that one opening,
/// and they are enough.
TEST(Adoption, AnIndexThatDoesNotFitOneTransactionSaysUnderWhichOptionsItDoes) {
    const support::ScratchDirectory directory{support::Scratch::disk, "adoption"};
    const std::string place = directory / "db";
    {
        Database db = Database::open(place, before, small());
        fill(db);
    }
    std::string message;
    try {
        static_cast<void>(Database::open(place, after, small()));
        ADD_FAILURE() << "the index fits a transaction; the test needs more rows";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::transaction_too_large);
        message = error.what();
    }
    EXPECT_THAT(message, AllOf(HasSubstr("index people_by_name of people"),
                               HasSubstr("index notes_by_author of notes"),
                               HasSubstr("nothing was changed")));
    {
        const Database db = Database::open(place, before, small());
        EXPECT_TRUE(db.check().findings.empty());
    }

    Options wide = small();
    wide.commit_bytes_max = advised(message, "commit_bytes_max");
    wide.segment_bytes = advised(message, "segment_bytes");
    wide.pending_bytes_max = advised(message, "pending_bytes_max");
    wide.journal_bytes_max = advised(message, "journal_bytes_max");
    ASSERT_NE(wide.commit_bytes_max, 0u) << message;
    EXPECT_LT(wide.segment_bytes, 8u << 20) << "more than it takes: " << message;
    { static_cast<void>(Database::open(place, after, wide)); }
    const Database db = Database::open(place, after, small());
    EXPECT_TRUE(db.check().findings.empty());
    Documents found = db.snapshot().find(notes, Document{{"author", "somebody called 7000"}});
    EXPECT_TRUE(found.begin() != Documents::end());
}

constexpr std::string_view growing = R"sql(
CREATE TABLE teams (id BIGINT PRIMARY KEY);
CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(40), team BIGINT, age INT);
CREATE COLLECTION papers (author VARCHAR(40), team BIGINT);
)sql";
constexpr Table teams{"teams"};
constexpr Collection papers{"papers"};

/// One constraint that the schema gets: `from` becomes `to` in its text.
struct Growth {
    std::string from, to;
    std::function<void(Transaction&)> fitting;   ///< rows that fulfil it; none: no row can
    std::function<void(Transaction&)> breaking;  ///< rows of which the one with the key 7 does not
    std::vector<std::string> said;
    bool is_enforced = true;  ///< then `breaking` is refused
};

const std::vector<Growth>& growths() {
    const auto row = [](const Record& record) {
        return [record](Transaction& tx) { tx.insert(people, record); };
    };
    const auto paper = [](const Document& document) {
        return [document](Transaction& tx) { tx.insert(papers, document); };
    };
    static const std::vector<Growth> all{
        {"age INT",
         "age INT, level INT NOT NULL",
         nullptr,
         row({{"id", 7}}),
         {"table people: column level is new and NOT NULL without a DEFAULT", "with (id 7)"}},
        {"age INT",
         "age INT, seen DATETIME DEFAULT NOW()",
         nullptr,
         row({{"id", 7}}),
         {"table people: column seen is new and DEFAULT NOW()", "with (id 7)"},
         false},
        {"age INT",
         "age INT, seen DATETIME NOT NULL DEFAULT NOW()",
         nullptr,
         row({{"id", 7}}),
         {"table people: column seen is new and DEFAULT NOW()", "with (id 7)"},
         false},
        {"age INT",
         "age INT CHECK (age >= 0)",
         [](Transaction& tx) {
             tx.insert(people, Record{{"id", 1}, {"age", 0}});
             tx.insert(people, Record{{"id", 2}});
         },
         row({{"id", 7}, {"age", -1}}),
         {"people does not hold: age >= 0; the row is (id 7)"}},
        {"age INT",
         "age INT, level INT NOT NULL DEFAULT 1 CHECK (level > 1)",
         nullptr,
         row({{"id", 7}}),
         {"people does not hold: level > 1; the row is (id 7)"}},
        {"name VARCHAR(40)",
         "name VARCHAR(40) NOT NULL",
         row({{"id", 1}, {"name", "kim"}}),
         row({{"id", 7}}),
         {"column name of people is NOT NULL", "in the row with (id 7)"}},
        {"age INT",
         "age INT, FOREIGN KEY (team) REFERENCES teams",
         [](Transaction& tx) {
             tx.insert(teams, Record{{"id", 1}});
             tx.insert(people, Record{{"id", 1}, {"team", 1}});
             tx.insert(people, Record{{"id", 2}});
         },
         row({{"id", 7}, {"team", 9}}),
         {"teams has no row with (id 9)", "in the row with (id 7)"}},
        {"age INT",
         "age INT, side BIGINT DEFAULT 9 REFERENCES teams",
         [](Transaction& tx) {
             tx.insert(teams, Record{{"id", 9}});
             tx.insert(people, Record{{"id", 8}});
             tx.insert(people, Record{{"id", 9}});
         },
         [](Transaction& tx) {
             tx.erase(teams, {Value{9}});
             tx.insert(people, Record{{"id", 7}});
         },
         {"teams has no row with (id 9)", "in the row with (id 7)"}},
        {"age INT",
         "age INT, UNIQUE (name)",
         [](Transaction& tx) {
             tx.insert(people, Record{{"id", 1}, {"name", "kim"}});
             tx.insert(people, Record{{"id", 2}, {"name", "lee"}});
             tx.insert(people, Record{{"id", 3}});
             tx.insert(people, Record{{"id", 4}});
         },
         [](Transaction& tx) {
             tx.put(people, Record{{"id", 1}, {"name", "kim"}});
             tx.insert(people, Record{{"id", 7}, {"name", "kim"}});
         },
         {"people_by_name", "(name 'kim')", "the row with (id 7) has the same"}},
        {"author VARCHAR(40)",
         "author VARCHAR(40), kind INT NOT NULL",
         paper({{"_id", 1}, {"kind", 2}}),
         paper({{"_id", 7}}),
         {"kind", "papers", "NOT NULL", "in the document with _id 7"}},
        {"author VARCHAR(40)",
         "author VARCHAR(40), kind INT",
         paper({{"_id", 1}, {"kind", 2}}),
         paper({{"_id", 7}, {"kind", "draft"}}),
         {"kind", "papers", "in the document with _id 7"}},
        {"author VARCHAR(40)",
         "author VARCHAR(40) NOT NULL",
         paper({{"_id", 1}, {"author", "kim"}}),
         paper({{"_id", 7}}),
         {"author", "papers", "NOT NULL", "in the document with _id 7"}},
        {"author VARCHAR(40)",
         "author VARCHAR(40) CHECK (LENGTH(author) > 2)",
         paper({{"_id", 1}, {"author", "kim"}}),
         paper({{"_id", 7}, {"author", "al"}}),
         {"LENGTH(author) > 2", "papers", "in the document with _id 7"}},
        {"team BIGINT);",
         "team BIGINT REFERENCES teams);",
         [](Transaction& tx) {
             tx.insert(teams, Record{{"id", 1}});
             tx.insert(papers, {{"_id", 1}, {"team", 1}});
             tx.insert(papers, {{"_id", 2}});
         },
         paper({{"_id", 7}, {"team", 9}}),
         {"team 9 has no row in teams", "in the document with _id 7"}},
        {"team BIGINT);",
         "team BIGINT, UNIQUE (a.b));",
         [](Transaction& tx) {
             tx.insert(papers, {{"_id", 1}, {"a", Document{{"b", 1}}}});
             tx.insert(papers, {{"_id", 2}, {"a", Document{{"b", 2}}}});
         },
         [](Transaction& tx) {
             tx.put(papers, {{"_id", 1}, {"a", Document{{"b", 1}}}});
             tx.insert(papers, {{"_id", 7}, {"a", Document{{"b", 1}}}});
         },
         {"papers", "the document with _id 7 has the same"}},
    };
    return all;
}

class Growing : public testing::TestWithParam<std::size_t> {
  protected:
    Growing() { wanted_.replace(wanted_.find(growth_.from), growth_.from.size(), growth_.to); }

    Database open(const std::string& text) const {
        return Database::open(place_, Schema{"growing", text}, small());
    }
    void store(const std::function<void(Transaction&)>& write) const {
        Database db = open(std::string{growing});
        db.write([&](Transaction& tx) { write(tx); });
    }
    /// The addition is in force, and the stored rows fulfil it.
    void expect_added() const {
        Database db = open(wanted_);
        EXPECT_TRUE(db.check().findings.empty());
        const auto write = [&] { db.write([&](Transaction& tx) { growth_.breaking(tx); }); };
        if (growth_.is_enforced) {
            EXPECT_THROW(write(), Error) << "added, and not enforced";
        } else {
            EXPECT_NO_THROW(write());
        }
        EXPECT_TRUE(db.check().findings.empty());
    }

    const Growth& growth_ = growths()[GetParam()];
    std::string wanted_{growing};
    const support::ScratchDirectory directory_{support::Scratch::disk, "growing"};
    const std::string place_ = directory_ / "db";
};

/// A constraint that a new version of an application adds was once refused even for an empty table.
TEST_P(Growing, AConstraintIsAddedWhereThereIsNothing) {
    static_cast<void>(open(std::string{growing}));
    expect_added();
}

TEST_P(Growing, AConstraintIsAddedWhereEverythingFulfilsIt) {
    if (growth_.fitting) store(growth_.fitting);
    expect_added();
}

/// The message names the first row that does not fulfil it. Neither the schema nor a row has
/// changed.
TEST_P(Growing, AConstraintIsRefusedWithTheRowThatBreaksIt) {
    if (growth_.fitting) store(growth_.fitting);
    store(growth_.breaking);
    std::string message;
    try {
        static_cast<void>(open(wanted_));
        ADD_FAILURE() << "added over what breaks it";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::schema_mismatch);
        message = error.what();
    }
    EXPECT_THAT(message, HasSubstr("nothing was changed"));
    for (const std::string& part : growth_.said) EXPECT_THAT(message, HasSubstr(part));
    const Database db = open(std::string{growing});
    EXPECT_TRUE(db.check().findings.empty());
}

INSTANTIATE_TEST_SUITE_P(Adoption, Growing, testing::Range(std::size_t{0}, growths().size()));

/// If one of two additions does not fit, neither is made.
TEST(Adoption, OneConstraintThatDoesNotFitKeepsOutTheOthers) {
    const support::ScratchDirectory directory{support::Scratch::disk, "adoption"};
    const std::string place = directory / "db";
    const Schema old{"growing", growing};
    const Schema both{"growing", R"sql(
CREATE TABLE teams (id BIGINT PRIMARY KEY);
CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(40), team BIGINT,
                     age INT CHECK (age >= 0));
CREATE COLLECTION papers (author VARCHAR(40), team BIGINT REFERENCES teams);
CREATE TABLE new_one (id BIGINT PRIMARY KEY);
)sql"};
    {
        Database db = Database::open(place, old, small());
        db.write([](Transaction& tx) {
            tx.insert(people, Record{{"id", 1}, {"age", 3}});
            tx.insert(papers, {{"_id", 7}, {"team", 9}});
        });
    }
    EXPECT_THROW(static_cast<void>(Database::open(place, both, small())), Error);
    {
        Database db = Database::open(place, old, small());
        EXPECT_THROW(static_cast<void>(db.snapshot().scan(Table{"new_one"})), Error);
        db.write([](Transaction& tx) { tx.insert(teams, Record{{"id", 9}}); });
    }
    Database db = Database::open(place, both, small());
    EXPECT_TRUE(db.check().findings.empty());
    EXPECT_THROW(db.write([](Transaction& tx) {
        tx.insert(people, Record{{"id", 2}, {"age", -3}});
    }),
                 Error);
}

}  // namespace
}  // namespace amphora
