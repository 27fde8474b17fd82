#include "support/message_of.hpp"

#include <amphora/document.hpp>
#include <amphora/error.hpp>
#include <amphora/value.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace amphora {
namespace {

using ::testing::HasSubstr;

TEST(Value, GoesToACellAndBackUnchanged) {
    const Value values[] = {nullptr, true,          42,          -1.5,     Decimal{15, 1},
                            "text",  Blob{"bytes"}, DateTime{7}, Date{-3}, Time{9}};
    for (const Value& value : values) EXPECT_EQ(Value::from(value.cell()), value);
    EXPECT_EQ(Value::from(Cell::enumeration(2)), Value{2});
    EXPECT_TRUE(Value::from(Cell{}).is_null());
    EXPECT_EQ(Value{"x"}.cell().kind(), Cell::Kind::text);
    EXPECT_EQ(Value{Blob{"x"}}.cell().kind(), Cell::Kind::blob);
    EXPECT_EQ(to_string(Cell::Kind::enumeration), "enumeration");
}

TEST(Value, PrintsAsTheToolShowsIt) {
    EXPECT_EQ(to_string(Value{}), "");
    EXPECT_EQ(to_string(Value{false}), "false");
    EXPECT_EQ(to_string(Value{INT64_MIN}), "-9223372036854775808");
    EXPECT_EQ(to_string(Value{0.1}), "0.1");
    EXPECT_EQ(to_string(Value{Decimal{1250, 2}}), "12.50");
    EXPECT_EQ(to_string(Value{Blob{std::string{"\0\xff", 2}}}), "00ff");
    EXPECT_EQ(to_string(Value{Date{0}}), "1970-01-01");
}

// Values that would be stored as something else do not compile: a pointer was stored as `true`, and
// a character as its code.
template <class T>
concept MakesCell = requires(T value) {
    Cell::of(value);
};
static_assert(MakesCell<bool> && MakesCell<std::int64_t> && MakesCell<double>);
static_assert(MakesCell<const char*> && MakesCell<std::string_view> && MakesCell<DateTime>);
static_assert(!MakesCell<int*> && !MakesCell<void*> && !MakesCell<const Record*>);
static_assert(!MakesCell<std::nullptr_t> && !MakesCell<void (*)()>);
static_assert(std::is_constructible_v<Value, bool> && std::is_constructible_v<Value, int>);
static_assert(std::is_constructible_v<Value, const char*> && std::is_constructible_v<Value, float>);
static_assert(std::is_constructible_v<Value, std::uint64_t>);
static_assert(!std::is_constructible_v<Value, int*> && !std::is_constructible_v<Value, void*>);
static_assert(!std::is_constructible_v<Value, const Record*>);
static_assert(!std::is_constructible_v<Value, void (*)()>);
static_assert(!std::is_constructible_v<Value, char> && !std::is_constructible_v<Value, char32_t>);
static_assert(!std::is_constructible_v<BsonValue, int*>);
static_assert(!std::is_constructible_v<BsonValue, const Record*>);
static_assert(!std::is_constructible_v<BsonValue, char>);

using support::message_of;

using Question = std::function<void(const Cell&)>;
const std::map<std::string, Question> cell_questions{
    {"boolean", [](const Cell& cell) { static_cast<void>(cell.boolean()); }},
    {"integer", [](const Cell& cell) { static_cast<void>(cell.integer()); }},
    {"real", [](const Cell& cell) { static_cast<void>(cell.real()); }},
    {"decimal", [](const Cell& cell) { static_cast<void>(cell.decimal()); }},
    {"text", [](const Cell& cell) { static_cast<void>(cell.text()); }},
    {"datetime", [](const Cell& cell) { static_cast<void>(cell.datetime()); }},
    {"date", [](const Cell& cell) { static_cast<void>(cell.date()); }},
    {"time", [](const Cell& cell) { static_cast<void>(cell.time()); }},
};

/// Reading an integer cell as text once returned a view of arbitrary memory. Each cell is read as
/// each kind.
TEST(Cell, IsReadOnlyAsTheKindThatItHas) {
    const std::vector<std::pair<Cell, std::string>> cells{
        {Cell{}, ""},
        {Cell::null(), ""},
        {Cell::of(true), "boolean"},
        {Cell::of(std::int64_t{7}), "integer"},
        {Cell::of(1.5), "real"},
        {Cell::of(Decimal{15, 1}), "decimal"},
        {Cell::of("text"), "text"},
        {Cell::blob("bytes"), "text"},
        {Cell::of(DateTime{7}), "datetime"},
        {Cell::of(Date{7}), "date"},
        {Cell::of(Time{7}), "time"},
        {Cell::enumeration(2), "integer"},
        {Cell::of(now), ""},
    };
    for (const auto& [cell, answered] : cells) {
        for (const auto& [question, asked] : cell_questions) {
            const auto ask = [&cell = cell, &asked = asked] { asked(cell); };
            if (question == answered) {
                EXPECT_NO_THROW(ask()) << question;
                continue;
            }
            EXPECT_THAT(message_of(ErrorCode::type_mismatch, ask),
                        HasSubstr("asked for as " + question + " and is " +
                                  std::string{to_string(cell.kind())} + ":"));
        }
    }
}

/// A program once got std::bad_variant_access, which is no amphora::Error.
TEST(Value, IsReadOnlyAsTheTypeThatItHas) {
    EXPECT_EQ(Value{7}.as<std::int64_t>(), 7);
    EXPECT_THAT(
        message_of(ErrorCode::type_mismatch, [] { static_cast<void>(Value{7}.as<std::string>()); }),
        HasSubstr("asked for as text (std::string) and is integer (std::int64_t)"));
    EXPECT_THAT(
        message_of(ErrorCode::type_mismatch, [] { static_cast<void>(Value{}.as<double>()); }),
        HasSubstr("asked for as real (double) and is null (std::monostate): ask is_null()"));
    EXPECT_THAT(message_of(ErrorCode::type_mismatch,
                           [] { static_cast<void>(Value{Date{1}}.as<std::monostate>()); }),
                HasSubstr("asked for as null (std::monostate) and is date (Date)"));
    EXPECT_THAT(
        message_of(ErrorCode::type_mismatch, [] { static_cast<void>(Value{Time{1}}.as<Blob>()); }),
        HasSubstr("asked for as blob (Blob) and is time (Time)"));
}

TEST(Value, RefusesAnUnsignedNumberThatNoColumnHolds) {
    EXPECT_EQ(Value{std::uint64_t{INT64_MAX}}, Value{INT64_MAX});
    EXPECT_THAT(message_of(ErrorCode::value_out_of_range, [] { Value{UINT64_MAX}; }),
                HasSubstr("18446744073709551615 is more than"));
}

TEST(BsonView, DereferencesOnlyADocumentThatIsThere) {
    const Document document{{"tags", Array{1}}, {"name", "kim"}};
    EXPECT_EQ((*document.field("tags")->as_array()).count(), 1U);
    EXPECT_THAT(message_of(ErrorCode::type_mismatch,
                           [&] { static_cast<void>(*document.field("name")->as_array()); }),
                HasSubstr("asked for as array and is string"));
    EXPECT_THAT(
        message_of(ErrorCode::type_mismatch,
                   [&] { static_cast<void>(document.field("tags")->as_document().value()); }),
        HasSubstr("asked for as object and is array"));
    EXPECT_THAT(
        message_of(ErrorCode::type_mismatch,
                   [&] { static_cast<void>(document.field("tags")->as_document()->count()); }),
        HasSubstr("asked for as object and is array"));
    const BsonView damaged{BsonType::document, "\x7f"};
    EXPECT_THAT(
        message_of(ErrorCode::malformed_bson, [&] { static_cast<void>(*damaged.as_document()); }),
        HasSubstr("bytes are not as long as they say"));
}

TEST(Record, FindsColumnsByNameWithoutRegardToCase) {
    Record record{{"user_id", 1}, {"Name", "Kim"}};
    EXPECT_EQ(record["NAME"], Value{"Kim"});
    EXPECT_EQ(record.find("email"), nullptr);
    record.set("name", "Lee");
    record.set("email", nullptr);
    EXPECT_EQ(record.size(), 3u);
    EXPECT_EQ(record["name"].as<std::string>(), "Lee");
    EXPECT_EQ(record.fields()[1].first, "Name");
    try {
        static_cast<void>(record["phone"]);
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::no_such_column);
        EXPECT_THAT(error.what(), HasSubstr("no column phone; it has user_id, Name, email"));
    }
}

}  // namespace
}  // namespace amphora
