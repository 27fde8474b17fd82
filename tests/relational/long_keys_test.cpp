#include "relational/row/index_entry.hpp"
#include "relational/row/row_key.hpp"
#include "relational/row/stored_row.hpp"
#include "relational/world.hpp"

#include <algorithm>

namespace amphora::relational {
namespace {

constexpr std::string_view pages = R"sql(
CREATE TABLE pages (id INT PRIMARY KEY, path TEXT UNIQUE, title TEXT, part INT);
CREATE INDEX pages_by_title ON pages (title, part);
CREATE TABLE addresses (url TEXT PRIMARY KEY, visits INT);
CREATE INDEX addresses_by_visits ON addresses (visits);
CREATE TABLE links (id INT PRIMARY KEY, url TEXT REFERENCES addresses (url) ON DELETE CASCADE);
CREATE INDEX links_by_url ON links (url);
)sql";

constexpr std::uint32_t place_of_part = 3;

std::string longest(char last) {
    return std::string(900, 'x') + last;
}

/// No value is too long for an index: long ones are kept as prefix and hash and distinguished by
/// the row.
class LongKeysTest : public testing::Test {
  protected:
    std::vector<std::int64_t> ids(const Scan& scan, std::string_view of = "pages") {
        std::vector<std::int64_t> found;
        RowScan rows = relational::scan(world.writing, world.tables->require(of), scan);
        while (rows.next()) found.push_back(rows.row().cell(0U).integer());
        return found;
    }
    World world{pages};
    const BoundTable& table = world.tables->require("pages");
    const BoundIndex& by_path = table.indexes()[0];
    const BoundIndex& by_title = table.require_index("pages_by_title");
};

TEST_F(LongKeysTest, LongValuesAreUnique) {
    world.insert("pages", {{"id", 1}, {"path", longest('a')}});
    world.insert("pages", {{"id", 2}, {"path", longest('b')}});
    expect_refused(world, ErrorCode::duplicate_key, "already has (path 'xxx", [&] {
        world.insert("pages", {{"id", 3}, {"path", longest('a')}});
    });
    expect_refused(world, ErrorCode::duplicate_key, "", [&] {
        world.update("pages", {2}, {{"path", longest('a')}});
    });
    EXPECT_TRUE(world.update("pages", {2}, {{"part", 5}}));
    EXPECT_EQ((*world.find_by("pages", by_path.definition->name, {longest('b')}))["id"], Value{2});
    EXPECT_FALSE(world.find_by("pages", by_path.definition->name, {longest('c')}));
    EXPECT_TRUE(world.erase("pages", {1}));
    world.insert("pages", {{"id", 3}, {"path", longest('a')}});
    EXPECT_EQ(world.findings(), "");
}

// Two paths with one hash are forged, because any two will do: an entry under the hash
// of `a` that leads to the row of `b`. Neither is taken for the other.
TEST_F(LongKeysTest, ACollisionOfHashesIsSettledInTheRows) {
    world.insert("pages", {{"id", 2}, {"path", longest('b')}});
    std::vector<Cell> a(table.column_count(), Cell::null());
    const std::string path = longest('a');
    a[1] = Cell::of(std::string_view{path});
    const std::vector<Cell> key{Cell::of(std::int64_t{2})};
    const RowKey b_key{table, key};
    IndexEntry forged;
    forged.encode(by_path, CellRow{a}, b_key.primary_part());
    world.writing.put(TreeId::relational, forged.key(), forged.value());

    EXPECT_FALSE(world.find_by("pages", by_path.definition->name, {path}));
    world.insert("pages", {{"id", 1}, {"path", path}});
    EXPECT_EQ((*world.find_by("pages", by_path.definition->name, {path}))["id"], Value{1});
    EXPECT_NE(world.findings(), "") << "the forgery itself is found";
}

// The order of a scan is that of the values, however long they are.
TEST_F(LongKeysTest, AScanIsInOrderAmongLongValues) {
    std::vector<std::pair<std::string, std::int64_t>> titles;
    for (int i = 0; i < 60; ++i) {
        std::string title = i % 3 == 0   ? longest(static_cast<char>('a' + i % 7))
                            : i % 3 == 1 ? std::string(static_cast<std::size_t>(280 + i), 'x')
                                         : std::string(1, static_cast<char>('a' + i % 26));
        world.insert("pages", {{"id", i}, {"title", title}, {"part", 100 - i}});
        titles.emplace_back(title, i);
    }
    std::sort(titles.begin(), titles.end(), [](const auto& left, const auto& right) {
        return left.first != right.first ? left.first < right.first : left.second > right.second;
    });
    std::vector<std::int64_t> expected;
    for (const auto& [title, id] : titles) expected.push_back(id);
    EXPECT_EQ(ids({.index = &by_title}), expected);
    std::reverse(expected.begin(), expected.end());
    EXPECT_EQ(ids({.index = &by_title, .direction = Direction::backward}), expected);
    EXPECT_EQ(ids({.index = &by_title, .direction = Direction::backward, .limit = 7}),
              std::vector<std::int64_t>(expected.begin(), expected.begin() + 7));

    // Bounds that are long themselves.
    for (const std::string& bound : {longest('c'), std::string(300, 'x'), std::string(5000, 'x')}) {
        for (const Comparison comparison :
             {Comparison::equal, Comparison::less, Comparison::less_equal, Comparison::greater,
              Comparison::greater_equal}) {
            std::vector<std::int64_t> wanted;
            for (const auto& [title, id] : titles) {
                const int order = title.compare(bound);
                if ((comparison == Comparison::equal && order == 0) ||
                    (comparison == Comparison::less && order < 0) ||
                    (comparison == Comparison::less_equal && order <= 0) ||
                    (comparison == Comparison::greater && order > 0) ||
                    (comparison == Comparison::greater_equal && order >= 0)) {
                    wanted.push_back(id);
                }
            }
            EXPECT_EQ(ids({.conditions = {{2, comparison, {Cell::of(std::string_view{bound})}}},
                           .index = &by_title}),
                      wanted)
                << bound.size() << " " << static_cast<int>(comparison);
        }
    }
    EXPECT_EQ(world.findings(), "");
}

TEST_F(LongKeysTest, LongPrimaryKeysAndReferencesToThem) {
    for (const char last : {'a', 'b', 'c'}) {
        world.insert("addresses", {{"url", longest(last)}, {"visits", int{last}}});
        world.insert("links", {{"id", int{last}}, {"url", longest(last)}});
    }
    world.insert("addresses", {{"url", "short"}, {"visits", 0}});
    expect_refused(world, ErrorCode::duplicate_key, "table addresses already has a row", [&] {
        world.insert("addresses", {{"url", longest('a')}});
    });
    expect_refused(world, ErrorCode::foreign_key_violation, "", [&] {
        world.insert("links", {{"id", 1}, {"url", longest('d')}});
    });
    EXPECT_EQ((*world.find("addresses", {longest('b')}))["visits"], Value{int{'b'}});

    std::vector<std::int64_t> visits;
    RowScan rows = scan(world.writing, world.tables->require("addresses"), {});
    while (rows.next()) visits.push_back(rows.row().cell(1U).integer());
    EXPECT_EQ(visits, (std::vector<std::int64_t>{0, 'a', 'b', 'c'}));

    // Short columns in front of a long primary key.
    const BoundTable& addresses = world.tables->require("addresses");
    RowScan by_visits =
        scan(world.writing, addresses,
             {.conditions = {{1, Comparison::greater, {Cell::of(std::int64_t{'a'})}}},
              .index = &addresses.require_index("addresses_by_visits")});
    visits.clear();
    while (by_visits.next()) visits.push_back(by_visits.row().cell(1U).integer());
    EXPECT_EQ(visits, (std::vector<std::int64_t>{'b', 'c'}));

    EXPECT_TRUE(world.erase("addresses", {longest('b')}));
    EXPECT_EQ(world.count("links"), 2U) << "the neighbours with the same prefix stay";
    EXPECT_FALSE(world.find("links", {int{'b'}}));
    EXPECT_EQ(world.findings(), "");
}

// An index that is added later is filled from the rows; values that occur twice stop it.
TEST_F(LongKeysTest, AnIndexIsFilledFromTheRows) {
    for (int i = 0; i < 10; ++i) {
        world.insert("pages", {{"id", i},
                               {"path", i % 2 == 0 ? longest(static_cast<char>('a' + i))
                                                   : std::to_string(i)}});
    }
    auto whole = world.writing.contents(TreeId::relational);
    for (const BoundIndex& index : table.indexes()) {
        for (const auto& [key, value] : whole) {
            const codec::KeyWriter prefix{index.space};
            if (key.starts_with(prefix.bytes())) world.writing.erase(TreeId::relational, key);
        }
    }
    EXPECT_NE(world.findings(), "");
    for (const BoundIndex& index : table.indexes()) fill_index(world.writing, table, index);
    EXPECT_EQ(world.writing.contents(TreeId::relational), whole);

    world.update("pages", {1}, {{"part", 1}});
    world.update("pages", {2}, {{"part", 1}});
    const BoundIndex unique_part{by_title.definition, std::span{&place_of_part, 1}, SpaceId{9999},
                                 true};
    expect_refused(world, ErrorCode::duplicate_key, "already has (part 1)",
                   [&] { fill_index(world.writing, table, unique_part); });
}

}  // namespace
}  // namespace amphora::relational
