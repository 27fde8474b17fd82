#include "relational/world.hpp"

#include <algorithm>
#include <random>

namespace amphora::relational {
namespace {

constexpr std::string_view stores = R"sql(
CREATE TABLE stores (
    id INT PRIMARY KEY, region INT, kind ENUM ('BAR', 'CAFE', 'SHOP'), score DECIMAL(3,1), name VARCHAR(20),
    open BOOLEAN, since DATE, weight FLOAT
);
CREATE INDEX by_region ON stores (region, kind, score);
CREATE INDEX by_score ON stores (score);
CREATE UNIQUE INDEX by_name ON stores (name);
CREATE INDEX by_open ON stores (open, since);
CREATE TABLE pairs (a INT, b INT, c INT, PRIMARY KEY (a, b));
)sql";

Cell of(std::int64_t value) {
    return Cell::of(value);
}
Cell of(int value) {
    return Cell::of(std::int64_t{value});
}
Cell of(const char* value) {
    return Cell::of(std::string_view{value});
}

class ScanTest : public testing::Test {
  protected:
    void SetUp() override {
        for (int id = 0; id < 200; ++id) {
            const char* kinds[] = {"BAR", "CAFE", "SHOP"};
            world.insert("stores",
                         {{"id", id},
                          {"region", id % 11 == 0 ? Value{} : Value{id % 5}},
                          {"kind", id % 13 == 0 ? Value{} : Value{kinds[id % 3]}},
                          {"score", id % 7 == 0 ? Value{} : Value{Decimal{id % 100, 1}}},
                          {"name", id % 4 == 0 ? Value{} : Value{"store " + std::to_string(id)}},
                          {"open", id % 6 == 0 ? Value{} : Value{id % 2 == 0}},
                          {"since", Date{id % 9}},
                          {"weight", id / 10.0}});
        }
        for (int a = 0; a < 6; ++a) {
            for (int b = 0; b < 6; ++b) {
                world.insert("pairs", {{"a", a}, {"b", b}, {"c", (a * b) % 4}});
            }
        }
    }
    std::vector<std::int64_t> ids(const Scan& wanted) {
        std::vector<std::int64_t> found;
        RowScan rows = scan(world.writing, table, wanted);
        while (rows.next()) found.push_back(rows.row().cell(0U).integer());
        EXPECT_FALSE(rows.next()) << "the end stays the end";
        return found;
    }
    std::string explained(const Scan& wanted) {
        return scan(world.writing, table, wanted).explain();
    }
    static std::vector<std::int64_t> sorted(std::vector<std::int64_t> list) {
        std::sort(list.begin(), list.end());
        return list;
    }

    Buffer scratch;
    World world{stores};
    const BoundTable& table = world.tables->require("stores");
    const BoundTable& pairs = world.tables->require("pairs");
    const std::uint32_t region = table.require_column("region");
    const std::uint32_t kind = table.require_column("kind");
    const std::uint32_t score = table.require_column("score");
    const std::uint32_t name = table.require_column("name");
    const std::uint32_t open = table.require_column("open");
    const std::uint32_t since = table.require_column("since");
    const std::uint32_t weight = table.require_column("weight");
};

TEST_F(ScanTest, ThePlanIsTheLongestFixedPrefix) {
    using enum Comparison;
    EXPECT_EQ(explained({}), "stores: primary key, all of it");
    EXPECT_EQ(explained({.conditions = {{0, greater_equal, {of(3)}}}}),
              "stores: primary key, id >= 3");
    EXPECT_EQ(explained({.conditions = {{region, equal, {of(3)}}}}),
              "stores: index by_region, region = 3");
    EXPECT_EQ(explained({.conditions = {{score, less, {of(5)}},
                                        {region, equal, {of(3)}},
                                        {kind, equal, {of("CAFE")}}}}),
              "stores: index by_region, region = 3, kind = 'CAFE', score < 5.0");
    EXPECT_EQ(explained({.conditions = {{score, less, {of(5)}}, {region, equal, {of(3)}}}}),
              "stores: index by_region, region = 3; filter score");
    EXPECT_EQ(explained({.conditions = {{name, equal, {of("store 7")}},
                                        {region, equal, {of(3)}},
                                        {kind, equal, {of("CAFE")}}}}),
              "stores: index by_name, name = 'store 7'; filter region, kind");
    EXPECT_EQ(explained({.conditions = {{0, equal, {of(3)}}, {name, equal, {of("store 7")}}}}),
              "stores: primary key, id = 3; filter name");
    EXPECT_EQ(explained({.conditions = {{region, in, {of(3), of(1), of(3)}}}}),
              "stores: index by_region, region IN 1, 3");
    EXPECT_EQ(explained({.conditions = {{region, is_null, {}}, {kind, greater, {of("BAR")}}}}),
              "stores: index by_region, region IS NULL, kind > 'BAR'");
    EXPECT_EQ(explained({.conditions = {{kind, equal, {of("BAR")}}}}),
              "stores: primary key, all of it; filter kind");
    EXPECT_EQ(explained({.conditions = {{kind, equal, {of("ZOO")}}}}),
              "stores: nothing, for no row can fulfil the conditions");
    EXPECT_EQ(explained({.conditions = {{region, equal, {Cell::null()}}}}),
              "stores: nothing, for no row can fulfil the conditions");
    EXPECT_EQ(explained({.conditions = {{region, greater, {of(3)}}, {region, less, {of(2)}}}}),
              "stores: nothing, for no row can fulfil the conditions");
    EXPECT_EQ(explained({.conditions = {{region, equal, {of(3)}}},
                         .index = &table.require_index("by_score")}),
              "stores: index by_score, all of it; filter region");
}

TEST_F(ScanTest, TheOrderWantedChoosesTheIndex) {
    using enum Comparison;
    EXPECT_EQ(explained({.order_by = {score}}), "stores: index by_score, all of it");
    EXPECT_EQ(explained({.conditions = {{region, equal, {of(3)}}}, .order_by = {kind, score}}),
              "stores: index by_region, region = 3");
    EXPECT_EQ(explained({.conditions = {{region, equal, {of(3)}}}, .order_by = {score}}),
              "stores: index by_score, all of it; filter region");
    EXPECT_EQ(explained({.order_by = {score, 0}}), "stores: index by_score, all of it");
    EXPECT_EQ(explained({.order_by = {0, score}}), "stores: primary key, all of it")
        << "after the primary key nothing is left to order";
    EXPECT_THROW(explained({.order_by = {weight}}), Error);
    try {
        explained({.order_by = {region, score}});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::unsupported);
        EXPECT_STREQ(error.what(),
                     "no index of stores gives its rows in the order of (region, score)");
    }
    const auto by_score = ids({.order_by = {score}, .direction = Direction::backward, .limit = 3});
    EXPECT_EQ(by_score, (std::vector<std::int64_t>{199, 99, 198}));
}

// A number that a column cannot hold still has its place among those that it can.
TEST_F(ScanTest, NumbersCompareByValueAcrossKinds) {
    using enum Comparison;
    const auto count = [&](std::uint32_t column, Comparison comparison, Cell cell) {
        return ids({.conditions = {{column, comparison, {cell}}}}).size();
    };
    EXPECT_EQ(count(0, less, Cell::of(1.5)), 2U);
    EXPECT_EQ(count(0, greater_equal, Cell::of(197.5)), 2U);
    EXPECT_EQ(count(0, equal, Cell::of(1.5)), 0U);
    EXPECT_EQ(count(0, not_equal, Cell::of(1.5)), 200U);
    EXPECT_EQ(count(0, less, Cell::of(1e300)), 200U);
    EXPECT_EQ(count(0, greater, of(INT64_MAX)), 0U);
    EXPECT_EQ(count(0, equal, of("17")), 1U);
    EXPECT_EQ(count(score, equal, Cell::of(0.1)), 2U) << "as a decimal the real 0.1 is 0.1";
    EXPECT_EQ(count(score, less, Cell::of(0.15)), 3U);
    EXPECT_EQ(count(score, less, Cell::of(Decimal{15, 2})), 3U);
    EXPECT_EQ(count(score, equal, Cell::of(Decimal{10, 2})), 2U);
    EXPECT_EQ(count(score, greater, Cell::of(1e-300)), count(score, greater, of(0)));
    EXPECT_EQ(count(weight, equal, Cell::of(0.1)), 1U) << "FLOAT columns compare as FLOAT";
    EXPECT_EQ(count(open, equal, of(1)), count(open, equal, Cell::of(true)));
    EXPECT_EQ(count(open, less, of(2)), ids({.conditions = {{open, is_not_null, {}}}}).size());
}

TEST_F(ScanTest, WhatCannotBeComparedIsNamed) {
    using enum Comparison;
    const auto code = [&](ColumnCondition condition) {
        try {
            ids({.conditions = {std::move(condition)}});
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode{};
    };
    EXPECT_EQ(code({region, equal, {of("many")}}), ErrorCode::type_mismatch);
    EXPECT_EQ(code({name, equal, {of(7)}}), ErrorCode::type_mismatch);
    EXPECT_EQ(code({kind, less, {of("ZOO")}}), ErrorCode::type_mismatch);
    EXPECT_EQ(code({region, equal, {}}), ErrorCode::invalid_argument);
    EXPECT_EQ(code({region, is_null, {of(1)}}), ErrorCode::invalid_argument);
    EXPECT_EQ(code({region, equal, {Cell{}}}), ErrorCode::invalid_argument);
    EXPECT_EQ(code({99, equal, {of(1)}}), ErrorCode::no_such_column);
}

/// Any conjunction of conditions, over any index, in either direction, gives exactly the rows that
/// looking at every row gives.
TEST_F(ScanTest, EveryPlanGivesWhatLookingAtEveryRowGives) {
    const std::uint64_t start = seed(20'260'131);
    std::mt19937_64 random{start};
    const auto pick = [&](std::size_t count) { return static_cast<std::size_t>(random() % count); };
    std::vector<std::string> texts;
    for (int i = 0; i < 210; i += 3) texts.push_back("store " + std::to_string(i));

    const auto value_for = [&](std::uint32_t column) -> Cell {
        if (pick(20) == 0) return Cell::null();
        if (column == kind) return Cell::enumeration(static_cast<std::int64_t>(pick(3)));
        if (column == name) return Cell::of(std::string_view{texts[pick(texts.size())]});
        if (column == open) return Cell::of(pick(2) == 0);
        if (column == since) return Cell::of(Date{static_cast<std::int32_t>(pick(10))});
        if (column == score) {
            if (pick(3) == 0) return Cell::of(static_cast<double>(pick(100)) / 10.0);
            return Cell::of(
                Decimal{static_cast<int>(pick(1000)), static_cast<std::uint8_t>(pick(3))});
        }
        if (column == weight) return Cell::of(static_cast<double>(pick(200)) / 10.0);
        const std::int64_t number = static_cast<std::int64_t>(pick(column == 0 ? 210 : 6)) - 1;
        return pick(4) == 0 ? Cell::of(static_cast<double>(number) + 0.5) : Cell::of(number);
    };
    for (std::size_t round = 0; round < scaled(800); ++round) {
        Scan wanted;
        for (std::size_t i = pick(4); i > 0; --i) {
            ColumnCondition condition;
            condition.column = static_cast<std::uint32_t>(pick(8));
            condition.comparison = static_cast<Comparison>(pick(9));
            if (condition.comparison == Comparison::in) {
                for (std::size_t j = pick(4); j > 0; --j) {
                    condition.cells.push_back(value_for(condition.column));
                }
            } else if (condition.comparison != Comparison::is_null &&
                       condition.comparison != Comparison::is_not_null) {
                condition.cells.push_back(value_for(condition.column));
            }
            wanted.conditions.push_back(std::move(condition));
        }
        // Through the full primary key with every condition as a filter that is spelled out here.
        std::vector<std::int64_t> expected;
        RowScan every = scan(world.writing, table, {});
        while (every.next()) {
            const Row row = every.row();
            const bool all = std::all_of(
                wanted.conditions.begin(), wanted.conditions.end(),
                [&](const ColumnCondition& one) {
                    const Cell cell = row.cell(one.column);
                    if (one.comparison == Comparison::is_null) return cell.is_null();
                    if (cell.is_null()) return false;
                    if (one.comparison == Comparison::is_not_null) return true;
                    const auto order = [&](const Cell& given) -> std::optional<double> {
                        if (given.is_null()) return std::nullopt;
                        const auto number = [](const Cell& c) -> double {
                            switch (c.kind()) {
                                case Cell::Kind::real:
                                    return static_cast<float>(c.real());
                                case Cell::Kind::decimal: {
                                    double value = static_cast<double>(c.decimal().units);
                                    for (int s = 0; s < c.decimal().scale; ++s) value /= 10;
                                    return static_cast<float>(value);
                                }
                                case Cell::Kind::date:
                                    return c.date().days;
                                case Cell::Kind::boolean:
                                    return c.boolean() ? 1 : 0;
                                default:
                                    return static_cast<double>(c.integer());
                            }
                        };
                        if (cell.kind() == Cell::Kind::text) {
                            return cell.text().compare(given.text());
                        }
                        return number(cell) - number(given);
                    };
                    if (one.comparison == Comparison::in) {
                        return std::any_of(one.cells.begin(), one.cells.end(),
                                           [&](const Cell& c) { return order(c) == 0.0; });
                    }
                    const auto decided = order(one.cells[0]);
                    if (!decided) return false;
                    switch (one.comparison) {
                        case Comparison::equal:
                            return *decided == 0;
                        case Comparison::not_equal:
                            return *decided != 0;
                        case Comparison::less:
                            return *decided < 0;
                        case Comparison::less_equal:
                            return *decided <= 0;
                        case Comparison::greater:
                            return *decided > 0;
                        default:
                            return *decided >= 0;
                    }
                });
            if (all) expected.push_back(row.cell(0U).integer());
        }
        ASSERT_EQ(sorted(ids(wanted)), expected)
            << explained(wanted) << "\nAMPHORA_SEED=" << start << ", round " << round;
        for (const BoundIndex& index : table.indexes()) {
            wanted.index = &index;
            wanted.direction = Direction::forward;
            const auto forward = ids(wanted);
            ASSERT_EQ(sorted(forward), expected)
                << explained(wanted) << "\nAMPHORA_SEED=" << start << ", round " << round;
            wanted.direction = Direction::backward;
            auto backward = ids(wanted);
            std::reverse(backward.begin(), backward.end());
            ASSERT_EQ(backward, forward)
                << explained(wanted) << "\nAMPHORA_SEED=" << start << ", round " << round;
        }
    }
}

// A list in the middle of a key keeps the key's order, each row once.
TEST_F(ScanTest, AListIsSeveralRangesInOrder) {
    const Scan wanted{.conditions = {{0, Comparison::equal, {of(2)}},
                                     {1, Comparison::in, {of(5), of(1), of(3), of(1), of(77)}}}};
    std::vector<std::int64_t> found;
    RowScan rows = scan(world.writing, pairs, wanted);
    while (rows.next()) found.push_back(rows.row().cell(1U).integer());
    EXPECT_EQ(found, (std::vector<std::int64_t>{1, 3, 5}));
    EXPECT_EQ(scan(world.writing, pairs, wanted).explain(),
              "pairs: primary key, a = 2, b IN 1, 3, 5, 77");
}

// An update that moves rows forward in its own scan must not find them again, and one that erases
// rows that the scan is about to reach must still see them: the scan shows the state of its start.
TEST_F(ScanTest, AScanNeverChasesItsOwnWrites) {
    for (const char* index : {"PRIMARY", "by_region", "by_score"}) {
        std::size_t seen = 0;
        RowScan rows = scan(world.writing, table, {.index = &table.require_index(index)});
        while (rows.next()) {
            ++seen;
            const std::int64_t id = rows.row().cell(0U).integer();
            if (id >= 1000) FAIL() << "a row that was written during the scan";
            const std::vector<Cell> key{of(id)};
            const std::vector<Assignment> change{
                {region, of(90)}, {score, of(90)}, {0, of(id + 1000)}};
            update(world.writing, table, key, change);
            if (id < 199) {
                const std::vector<Cell> next{of(id + 1)};
                static_cast<void>(find(world.writing, table, next, scratch));
            }
        }
        EXPECT_EQ(seen, 200U) << index;
        for (int id = 0; id < 200; ++id) world.update("stores", {id + 1000}, {{"id", id}});
    }
    std::size_t seen = 0;
    RowScan rows = scan(world.writing, table, {.index = &table.require_index("by_region")});
    for (int id = 0; id < 200; ++id) world.erase("stores", {id});
    while (rows.next()) ++seen;
    EXPECT_EQ(seen, 200U);
    EXPECT_EQ(world.count("stores"), 0U);
    EXPECT_EQ(world.findings(), "");
}

}  // namespace
}  // namespace amphora::relational
