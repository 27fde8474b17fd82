// The tables of limits in include/amphora/README.md: what a line names is accepted, and one more is
// refused with the error of the line.

#include "catalog/definition/primary_key.hpp"
#include "catalog/language/parser.hpp"
#include "codec/key/ordered_key.hpp"
#include "document/collection/collections.hpp"
#include "pages/page.hpp"
#include "relational/row/index_entry.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace amphora::pages {
namespace {

constexpr const char* page = "include/amphora/README.md";

void parse(const std::string& schema) {
    static_cast<void>(catalog::parse_schema(schema, "page"));
}

/// part(0) + separator + part(1) ..., of `count` parts.
template <class Part>
std::string joined(std::size_t count, const char* separator, Part part) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += (i == 0 ? "" : separator) + part(i);
    return all;
}

std::string with_column(const std::string& type) {
    return "CREATE TABLE t (id INT PRIMARY KEY, c " + type + ");";
}

std::string numbered(const char* prefix, std::size_t i) {
    return fmt::format("{}{}", prefix, i);
}

void document_of(std::size_t bytes) {
    constexpr std::size_t around_the_text = 4 + 1 + 2 + 4 + 1 + 1;
    const Document document{{"a", std::string(bytes - around_the_text, 'x')}};
    ASSERT_EQ(document.bytes().size(), bytes);
}

void document_with_levels(std::size_t levels) {
    BsonValue inner{1};
    for (std::size_t i = 1; i < levels; ++i) inner = BsonValue{Array{inner}};
    static_cast<void>(Document{{"a", inner}});
}

void index_statements(std::size_t count) {
    constexpr std::size_t of_one = 64;
    std::string schema = joined((count + of_one - 1) / of_one, "", [](std::size_t i) {
        return fmt::format("CREATE COLLECTION c{} ();", i);
    });
    schema += joined(count, "", [](std::size_t i) {
        return fmt::format("CREATE INDEX i{} ON c{} (a);", i, i / of_one);
    });
    parse(schema);
}

/// The last index is made for a foreign key.
void indexes_of_one_table(std::size_t count) {
    parse(
        "CREATE TABLE p (id INT PRIMARY KEY);"
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT REFERENCES p, " +
        joined(count - 1, ", ", [](std::size_t i) { return fmt::format("INDEX i{} (a)", i); }) +
        ");");
}

void foreign_keys(std::size_t count) {
    parse("CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE t (id INT PRIMARY KEY, a INT, " +
          joined(count, ", ",
                 [](std::size_t) { return std::string{"FOREIGN KEY (a) REFERENCES p (id)"}; }) +
          ");");
}

void columns(std::size_t count) {
    const auto column = [](std::size_t i) { return fmt::format("c{} INT", i); };
    parse("CREATE TABLE t (id INT PRIMARY KEY, " + joined(count - 1, ", ", column) + ");");
    parse("CREATE COLLECTION c (" + joined(count, ", ", column) + ");");
}

void columns_of_one_key(std::size_t count) {
    const std::string names = joined(count, ", ", [](std::size_t i) { return numbered("c", i); });
    parse("CREATE TABLE t (" +
          joined(count, ", ", [](std::size_t i) { return fmt::format("c{} INT", i); }) +
          ", PRIMARY KEY (" + names + "));");
    parse("CREATE COLLECTION c (); CREATE INDEX i ON c (" + names + ");");
}

void json_with_levels(std::size_t levels) {
    static Database db =
        Database::temporary(Schema{"page", "CREATE TABLE t (id INT PRIMARY KEY, j JSON);"});
    db.write([&](Transaction& tx) {
        const std::string text = std::string(levels, '[') + std::string(levels, ']');
        tx.put(Table{"t"}, Record{{"id", 1}, {"j", text}});
    });
}

/// Throws where `count` is beyond the limit.
using Probe = std::function<void(std::size_t count)>;
const std::map<std::string, Probe>& probes() {
    static const std::map<std::string, Probe> all{
        {"bytes of a document", document_of},
        {"levels of documents and arrays inside each other", document_with_levels},
        {"bytes of a schema text",
         [](std::size_t n) {
             std::string text = "CREATE TABLE t (id INT PRIMARY KEY);";
             text.resize(n, ' ');
             parse(text);
         }},
        {"tables and collections of one text",
         [](std::size_t n) {
             parse(joined(n, "", [](std::size_t i) {
                 return i % 2 == 0 ? fmt::format("CREATE COLLECTION c{} ();", i)
                                   : fmt::format("CREATE TABLE t{} (id INT PRIMARY KEY);", i);
             }));
         }},
        {"CREATE INDEX statements of one text", index_statements},
        {"bytes of a name",
         [](std::size_t n) {
             parse("CREATE TABLE " + std::string(n, 'n') + " (id INT PRIMARY KEY);");
         }},
        {"columns of a table, or fields of a collection", columns},
        {"indexes of a table or collection, with those of foreign keys", indexes_of_one_table},
        {"columns of a key or an index", columns_of_one_key},
        {"foreign keys of a table or collection", foreign_keys},
        {"CHECKs of a table or collection",
         [](std::size_t n) {
             parse("CREATE TABLE t (id INT PRIMARY KEY, " +
                   joined(n, ", ", [](std::size_t) { return std::string{"CHECK (id > 0)"}; }) +
                   ");");
         }},
        {"operators in a CHECK",
         [](std::size_t n) {
             parse("CREATE TABLE t (id INT PRIMARY KEY, CHECK (" +
                   joined(n, " + ", [](std::size_t) { return std::string{"id"}; }) + " > 0));");
         }},
        {"characters of a VARCHAR",
         [](std::size_t n) { parse(with_column(fmt::format("VARCHAR({})", n))); }},
        {"digits of a DECIMAL",
         [](std::size_t n) { parse(with_column(fmt::format("DECIMAL({})", n))); }},
        {"members of an ENUM",
         [](std::size_t n) {
             parse(with_column(
                 "ENUM(" + joined(n, ",", [](std::size_t i) { return fmt::format("'{}'", i); }) +
                 ")"));
         }},
        {"bytes of an ENUM's member",
         [](std::size_t n) { parse(with_column("ENUM('" + std::string(n, 'm') + "')")); }},
        {"levels of objects and arrays in a JSON column", json_with_levels},
    };
    return all;
}

std::vector<Row> lines() {
    std::vector<Row> all;
    for (const char* const heading :
         {"Limits of documents", "Limits of a schema", "Limits of rows"}) {
        for (Row& row : rows_below(page, heading)) all.push_back(std::move(row));
    }
    return all;
}

TEST(LimitsPage, EachLimitIsAcceptedAndOneMoreIsRefused) {
    for (const Row& row : lines()) {
        ASSERT_EQ(row.size(), 3u) << row.at(0);
        const auto probe = probes().find(row[0]);
        ASSERT_NE(probe, probes().end()) << row[0] << ": this test must know how to try it";
        const std::size_t most = std::stoull(row[1]);
        EXPECT_NO_THROW(probe->second(most)) << row[0];
        try {
            probe->second(most + 1);
            ADD_FAILURE() << row[0] << ": " << most + 1 << " is accepted";
        } catch (const Error& error) {
            EXPECT_EQ(error.code_name(), row[2]) << row[0] << ": " << error.what();
        }
    }
}

TEST(LimitsPage, NoLimitIsMissing) {
    std::vector<std::string> on_page, known;
    for (const Row& row : lines()) on_page.push_back(row.at(0));
    for (const auto& [name, probe] : probes()) known.push_back(name);
    EXPECT_THAT(on_page, testing::UnorderedElementsAreArray(known));
}

TEST(LimitsPage, LongKeysAreCutWhereThePageSays) {
    constexpr std::size_t space = codec::key_space_bytes, hash = codec::key_hash_bytes;
    const std::map<std::string, std::size_t> kept{
        {"a primary key", catalog::primary_key_bytes_max - hash},
        {"the columns of an index", relational::index_columns_bytes_max - space - hash},
        {"an _id", document::part_bytes_max - space - hash},
        {"the fields of an index of a collection", document::part_bytes_max - space - hash},
    };
    std::map<std::string, std::size_t> on_page;
    for (const Row& row : rows_below(page, "Long keys")) {
        EXPECT_TRUE(on_page.emplace(row.at(0), std::stoull(row.at(1))).second) << row[0];
    }
    EXPECT_EQ(on_page, kept);
}

const Collection notes{"notes"};
constexpr Schema notes_schema{"page", "CREATE COLLECTION notes ();"};

std::optional<ErrorCode> error_of_storing(std::size_t bytes, const Options& options) {
    Database db = Database::temporary(notes_schema, options);
    // The _id becomes the first field, and takes 17 bytes.
    constexpr std::size_t around_the_text = 4 + 17 + 1 + 2 + 4 + 1 + 1;
    const Document document{{"a", std::string(bytes - around_the_text, 'x')}};
    try {
        db.write([&](Transaction& tx) { tx.insert(notes, document); });
    } catch (const Error& error) {
        return error.code();
    }
    EXPECT_EQ(db.snapshot().scan(notes).begin().operator*().bytes().size(), bytes);
    return std::nullopt;
}

/// The profile edge stores no document near the limit, until it is opened as the page says.
TEST(LimitsPage, TheLargestDocumentNeedsLargerNumbersInTheProfileEdge) {
    constexpr std::size_t mib = 1 << 20;
    Options edge;
    edge.profile = Profile::edge;
    EXPECT_EQ(error_of_storing(2 * mib - 1024, edge), std::nullopt);
    EXPECT_EQ(error_of_storing(2 * mib, edge), ErrorCode::transaction_too_large);
    edge.segment_bytes = 32 * mib;
    edge.commit_bytes_max = edge.pending_bytes_max = 24 * mib;
    EXPECT_EQ(error_of_storing(document_bytes_max, edge), std::nullopt);
    EXPECT_EQ(error_of_storing(document_bytes_max, {}), std::nullopt);
}

}  // namespace
}  // namespace amphora::pages
