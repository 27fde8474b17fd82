// What a schema adds to a database that already holds rows and documents.

#include "support/scratch_directory.hpp"

#include <amphora/amphora.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>

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

/// An index over what is stored is built in one transaction. Where it does not fit, the error said
/// only that it did not. Now it names what was to be added and the options under which it fits;
/// they are needed for that one opening, and they are enough.
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

}  // namespace
}  // namespace amphora
