#include "document/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace amphora::document {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view schema = R"sql(
CREATE COLLECTION things (
    big     BIGINT,
    whole   INT,
    small   SMALLINT,
    flag    BOOLEAN,
    single  DOUBLE,
    real    DOUBLE,
    price   DECIMAL(6,2),
    name    VARCHAR(3),
    story   TEXT,
    bytes   BLOB,
    at      DATETIME,
    day     DATETIME,
    colour  ENUM ('red', 'green'),
    free    TEXT
);
CREATE COLLECTION notes (
    owner      BIGINT NOT NULL,
    score      INT DEFAULT 5 CHECK (score >= 1 AND score <= 5),
    made_at    DATETIME NOT NULL DEFAULT NOW(),
    changed_at DATETIME
);
)sql";

/// With the types and clauses that the store holds documents to and the schema language does not
/// offer for them so far.
catalog::Definition definition() {
    catalog::Definition all = catalog::parse_schema(schema, "test.sql");
    const auto field = [&](std::size_t collection, std::string_view name) -> catalog::Column& {
        auto& fields = all.collections[collection].fields;
        return *std::ranges::find(fields, name, &catalog::Column::name);
    };
    field(0, "single").type.type = catalog::Type::real32;
    field(0, "day").type.type = catalog::Type::date;
    field(0, "free").type.type = catalog::Type::json;
    field(1, "changed_at").now_on_update = true;
    return all;
}

class DeclaredFieldsTest : public testing::Test {
  protected:
    BsonView stored(const std::string& field) {
        const auto found = document::find(world.writing, world.at("things"), BsonValue{1}, scratch);
        return found.value().field(field).value();
    }
    BsonView put(const std::string& field, const std::string& value) {
        world.put("things", "{'_id': 1, '" + field + "': " + value + "}");
        return stored(field);
    }
    ErrorCode refused(const std::string& field, const std::string& value) {
        const auto [code, what] =
            refusal(world, [&] { world.insert("things", "{'" + field + "': " + value + "}"); });
        EXPECT_THAT(what, HasSubstr("collection things: field " + field));
        return code;
    }

    World world{definition()};
    Buffer scratch;
};

/// A field that is declared BIGINT reads back as int64, for every kind of whole number that was
/// written.
TEST_F(DeclaredFieldsTest, StoresWholeNumbersInOneType) {
    for (const char* value : {"7", "{'$numberLong': '7'}", "7.0", "{'$numberDecimal': '7.00'}"}) {
        EXPECT_EQ(put("big", value), BsonView{BsonValue{std::int64_t{7}}}) << value;
        EXPECT_EQ(put("whole", value), BsonView{BsonValue{7}}) << value;
        EXPECT_EQ(put("small", value), BsonView{BsonValue{7}}) << value;
    }
    EXPECT_EQ(refused("big", "7.5"), ErrorCode::type_mismatch);
    EXPECT_EQ(refused("big", "'7'"), ErrorCode::type_mismatch);
    EXPECT_EQ(refused("big", "true"), ErrorCode::type_mismatch);
    EXPECT_EQ(refused("big", "[7]"), ErrorCode::type_mismatch);
    EXPECT_EQ(refused("big", "1e30"), ErrorCode::value_out_of_range);
    EXPECT_EQ(refused("big", "{'$numberDouble': 'NaN'}"), ErrorCode::value_out_of_range);
    EXPECT_EQ(refused("whole", "2147483648"), ErrorCode::value_out_of_range);
    EXPECT_EQ(refused("small", "40000"), ErrorCode::value_out_of_range);
}

TEST_F(DeclaredFieldsTest, HoldsOtherTypesToTheirNature) {
    EXPECT_EQ(put("real", "3"), BsonView{BsonValue{3.0}});
    EXPECT_EQ(put("single", "0.1"), BsonView{BsonValue{static_cast<double>(0.1F)}});
    EXPECT_EQ(refused("single", "1e300"), ErrorCode::value_out_of_range);
    EXPECT_EQ(refused("real", "{'$numberDouble': 'Infinity'}"), ErrorCode::value_out_of_range);
    EXPECT_EQ(put("flag", "true"), BsonView{BsonValue{true}});
    EXPECT_EQ(refused("flag", "1"), ErrorCode::type_mismatch);
    EXPECT_EQ(refused("at", "'2026-01-31T00:00:00Z'"), ErrorCode::type_mismatch);
    EXPECT_EQ(refused("at", "1700000000"), ErrorCode::type_mismatch);
    EXPECT_EQ(refused("at", "{'$date': {'$numberLong': '253402300800000'}}"),
              ErrorCode::value_out_of_range);
    EXPECT_EQ(put("day", "{'$date': '2026-01-31T00:00:00Z'}").type(), BsonType::date);
    EXPECT_EQ(refused("day", "{'$date': '2026-01-31T00:00:01Z'}"), ErrorCode::type_mismatch);
    EXPECT_EQ(put("name", "'äöü'"), BsonView{BsonValue{"äöü"}});
    EXPECT_EQ(refused("name", "'four'"), ErrorCode::value_too_large);
    EXPECT_EQ(refused("story", "5"), ErrorCode::type_mismatch);
    EXPECT_EQ(put("colour", "'green'"), BsonView{BsonValue{"green"}});
    EXPECT_EQ(refused("colour", "'blue'"), ErrorCode::check_violation);
    EXPECT_EQ(refused("bytes", "'text'"), ErrorCode::type_mismatch);
    EXPECT_EQ(put("free", "[1, {'x': null}]").type(), BsonType::array);
}

/// DECIMAL rounds half away from zero, from every kind of number.
TEST_F(DeclaredFieldsTest, RoundsDecimals) {
    const auto price = [&](const std::string& value) { return to_json(put("price", value)); };
    EXPECT_EQ(price("1"), R"({"$numberDecimal": "1.00"})");
    EXPECT_EQ(price("2.345"), R"({"$numberDecimal": "2.35"})");
    EXPECT_EQ(price("-2.345"), R"({"$numberDecimal": "-2.35"})");
    EXPECT_EQ(price("{'$numberDecimal': '9999.994'}"), R"({"$numberDecimal": "9999.99"})");
    EXPECT_EQ(price("1e-300"), R"({"$numberDecimal": "0.00"})");
    EXPECT_EQ(price("{'$numberDecimal': '1E+3'}"), R"({"$numberDecimal": "1000.00"})");
    EXPECT_EQ(refused("price", "9999.995"), ErrorCode::value_out_of_range);
    EXPECT_EQ(refused("price", "1e300"), ErrorCode::value_out_of_range);
    EXPECT_EQ(refused("price", "{'$numberDecimal': 'NaN'}"), ErrorCode::value_out_of_range);
    EXPECT_EQ(refused("price", "'1'"), ErrorCode::type_mismatch);
}

/// DEFAULT is for what is missing; NULL is said, and NOT NULL refuses it.
TEST_F(DeclaredFieldsTest, FillsInWhatIsMissing) {
    world.writing.now = 1'700'000'000'123'999;
    world.insert("notes", "{'_id': 1, 'owner': 4, 'text': 'x'}");
    EXPECT_THAT(world.find("notes", "{}"),
                ElementsAre(R"({"_id": 1, "owner": 4, "text": "x", "score": 5, )"
                            R"("made_at": {"$date": "2023-11-14T22:13:20.123Z"}})"));
    world.insert("notes", "{'_id': 2, 'owner': 4, 'score': null}");
    EXPECT_EQ(refusal(world, [&] { world.insert("notes", "{'text': 'x'}"); }),
              std::pair(ErrorCode::not_null_violation,
                        std::string{"collection notes: field owner is NOT NULL and has no value"}));
    EXPECT_EQ(refusal(world, [&] { world.insert("notes", "{'owner': 1, 'made_at': null}"); }).first,
              ErrorCode::not_null_violation);
    EXPECT_EQ(
        refusal(world, [&] { world.update("notes", "{}", "{'$unset': {'owner': 1}}"); }).first,
        ErrorCode::not_null_violation);
}

TEST_F(DeclaredFieldsTest, ChecksWhatIsDeclared) {
    const auto [code, what] =
        refusal(world, [&] { world.insert("notes", "{'owner': 1, 'score': 6}"); });
    EXPECT_EQ(code, ErrorCode::check_violation);
    EXPECT_THAT(what, HasSubstr("collection notes: CHECK"));
    world.insert("notes", "{'_id': 1, 'owner': 1, 'score': 5}");
    EXPECT_EQ(refusal(world, [&] { world.update("notes", "{}", "{'$inc': {'score': 1}}"); }).first,
              ErrorCode::check_violation);
}

/// ON UPDATE NOW() follows every update that does not set the field itself.
TEST_F(DeclaredFieldsTest, RemembersTheLastUpdate) {
    const auto changed_at = [&] {
        const auto found = document::find(world.writing, world.at("notes"), BsonValue{1}, scratch);
        const auto value = found.value().field("changed_at");
        return value ? value->as_date_ms().value_or(-1) : 0;
    };
    world.insert("notes", "{'_id': 1, 'owner': 1}");
    EXPECT_EQ(changed_at(), 0);
    world.writing.now = 5'000'000;
    world.update("notes", "{'_id': 1}", "{'$set': {'text': 'x'}}");
    EXPECT_EQ(changed_at(), 5'000);
    world.writing.now = 6'000'000;
    world.update("notes", "{'_id': 1}",
                 "{'$set': {'changed_at': {'$date': {'$numberLong': '7'}}}}");
    EXPECT_EQ(changed_at(), 7);
    world.put("notes", "{'_id': 1, 'owner': 2}");
    EXPECT_EQ(changed_at(), 6'000);
    world.writing.now = 8'000'000;
    document::update(world.writing, world.at("notes"), Filter{}, Update{json("{'owner': 3}")},
                     Extent::first);
    EXPECT_EQ(changed_at(), 8'000);
}

/// `amphora::now` becomes the moment of the transaction, at every place; before 1970, too.
TEST_F(DeclaredFieldsTest, PutsTheMomentInThePlaceOfNow) {
    world.writing.now = -1;
    document::insert(world.writing, world.at("things"),
                     Document{{"_id", 1},
                              {"at", now},
                              {"free", Document{{"list", Array{now, Document{{"at", now}}}}}},
                              {"other", now}});
    const std::string moment = R"({"$date": {"$numberLong": "-1"}})";
    EXPECT_THAT(world.find("things", "{}"),
                ElementsAre(R"({"_id": 1, "at": )" + moment + R"(, "free": {"list": [)" + moment +
                            R"(, {"at": )" + moment + R"(}]}, "other": )" + moment + "}"));
}

/// The date of -2^63 milliseconds once meant `amphora::now`, and was stored as the present.
TEST_F(DeclaredFieldsTest, KeepsTheFirstDateThatThereIs) {
    world.writing.now = 5'000'000;
    const std::string least = R"({"$date": {"$numberLong": "-9223372036854775808"}})";
    world.insert("things", R"({"_id": 1, "in": [)" + least + "]}");
    world.update("things", "{}",
                 R"({"$set": {"x": )" + least + R"(}, "$push": {"in": )" + least + "}}");
    EXPECT_THAT(world.find("things", "{}"), ElementsAre(R"({"_id": 1, "in": [)" + least + ", " +
                                                        least + R"(], "x": )" + least + "}"));
    EXPECT_EQ(
        refusal(world, [&] { world.insert("notes", R"({"changed_at": )" + least + "}"); }).first,
        ErrorCode::value_out_of_range);
}

/// A document without operators takes the place of one document. For all that a filter selects it
/// is refused, as in MongoDB: it would make all of them alike.
TEST_F(DeclaredFieldsTest, ReplacesOneDocumentOnly) {
    world.insert("things", "{'_id': 1, 'a': 1}");
    world.insert("things", "{'_id': 2, 'a': 1}");
    for (const char* replacement : {"{'b': 2}", "{}"}) {
        const auto [code, what] =
            refusal(world, [&] { world.update("things", "{'a': 1}", replacement); });
        EXPECT_EQ(code, ErrorCode::invalid_argument);
        EXPECT_EQ(what,
                  "collection things: a document without operators replaces one document only, "
                  "and this update is for all that the filter selects: use $set and the like, "
                  "or replace each by its _id");
    }
    EXPECT_EQ(document::update(world.writing, world.at("things"), Filter{json("{'a': 1}")},
                               Update{json("{'b': 2}")}, Extent::first),
              1u);
    EXPECT_THAT(world.find("things", "{}"),
                ElementsAre(R"({"_id": 1, "b": 2})", R"({"_id": 2, "a": 1})"));
}

/// The _id comes first, is made where there is none, and is what it is for ever.
TEST_F(DeclaredFieldsTest, GivesEveryDocumentAnId) {
    const BsonValue id = world.insert("things", "{'x': 1}");
    EXPECT_EQ(id.type(), BsonType::object_id);
    EXPECT_EQ(world.find("things", "{}").front(), R"({"_id": )" + to_json(id) + R"(, "x": 1})");
    world.insert("things", "{'x': 2, '_id': 'b'}");
    EXPECT_THAT(world.find("things", "{'_id': 'b'}"), ElementsAre(R"({"_id": "b", "x": 2})"));
    EXPECT_EQ(refusal(world, [&] { world.insert("things", "{'_id': 'b'}"); }),
              std::pair(ErrorCode::duplicate_key,
                        std::string{"collection things already has a document with _id \"b\""}));
    world.insert("things", "{'_id': 1}");
    EXPECT_EQ(refusal(world, [&] { world.insert("things", "{'_id': 1.0}"); }).first,
              ErrorCode::duplicate_key);
    for (const char* bad : {"[1]", "{'$undefined': true}",
                            "{'$regularExpression': {'pattern': 'a', 'options': ''}}"}) {
        EXPECT_EQ(
            refusal(world, [&] { world.insert("things", std::string{"{'_id': "} + bad + "}"); })
                .first,
            ErrorCode::invalid_argument);
    }
}

/// A name that occurs twice, as in BSON from elsewhere, must not bring a second value past the
/// declaration.
TEST_F(DeclaredFieldsTest, RefusesAFieldThatIsThereTwice) {
    Document twice{{"_id", 1}, {"big", 1}};
    twice.append("big", "text");
    EXPECT_EQ(
        refusal(world, [&] { document::insert(world.writing, world.at("things"), twice); }).first,
        ErrorCode::invalid_argument);
    Document ids{{"_id", 1}};
    ids.append("_id", 2);
    EXPECT_EQ(
        refusal(world, [&] { document::insert(world.writing, world.at("things"), ids); }).first,
        ErrorCode::invalid_argument);
}

/// A field that is declared later holds for what is there already: what converts is converted, and
/// what does not fit is named.
TEST_F(DeclaredFieldsTest, AdoptsDocumentsThatWereThereBefore) {
    World before{"CREATE COLLECTION logs (other INT);"};
    before.insert("logs", "{'_id': 1, 'n': 5}");
    before.insert("logs", "{'_id': 2}");
    const auto after = Collections::bind(
        with_spaces(catalog::parse_schema("CREATE COLLECTION logs (other INT, n BIGINT);", "x")));
    adopt_fields(before.writing, after->require("logs"));
    EXPECT_EQ(
        to_json(*document::find(before.writing, after->require("logs"), BsonValue{1}, scratch),
                JsonFormat::canonical),
        R"({"_id": {"$numberInt": "1"}, "n": {"$numberLong": "5"}})");
    before.insert("logs", "{'_id': 3, 'n': 'five'}");
    const auto [code, what] =
        refusal(before, [&] { adopt_fields(before.writing, after->require("logs")); });
    EXPECT_EQ(code, ErrorCode::type_mismatch);
    EXPECT_THAT(what, HasSubstr("_id 3"));
}

}  // namespace

}  // namespace amphora::document
