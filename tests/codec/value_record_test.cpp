#include <amphora/error.hpp>
#include <amphora/value.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
