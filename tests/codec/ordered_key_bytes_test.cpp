#include "ordered_key_model.hpp"

#include <gtest/gtest.h>

/// Keys are a stored format: these bytes may never change. The comments of ordered_key.hpp and
/// key_number.hpp show some of them.
namespace amphora::codec {
namespace {

std::string elements(const KeyWriter& key) {
    std::string text = hex(key.bytes().substr(key_space_bytes));
    if (!text.empty()) text.pop_back();
    return text;
}

std::string integer(std::int64_t value) {
    return elements(KeyWriter{space_tree}.integer(value));
}
std::string real(double value) {
    return elements(KeyWriter{space_tree}.real(value));
}
std::string decimal(std::string_view text) {
    return elements(KeyWriter{space_tree}.decimal(parse_decimal(text)));
}

TEST(OrderedKeyBytes, BeginWithTheSpaceHighestByteFirst) {
    KeyWriter key{SpaceId{0x10}};
    key.integer(7).text("Kim");
    EXPECT_EQ(hex(key.bytes()), "00 00 00 10 2e 0e 40 4b 69 6d 00 ");
}

TEST(OrderedKeyBytes, WriteSmallIntegersInTwoBytes) {
    EXPECT_EQ(integer(0), "2c");
    EXPECT_EQ(integer(1), "2e 02");
    EXPECT_EQ(integer(127), "2e fe");
    EXPECT_EQ(integer(128), "2f 01 00");
    EXPECT_EQ(integer(-1), "2a fd");
    EXPECT_EQ(integer(-127), "2a 01");
    EXPECT_EQ(integer(-128), "29 fe ff");
    EXPECT_EQ(integer(INT64_MAX), "35 ff ff ff ff ff ff ff fe");
    EXPECT_EQ(integer(INT64_MIN + 1), "23 00 00 00 00 00 00 00 01");
    EXPECT_EQ(integer(INT64_MIN), "22 78 3f ff ff ff ff ff ff");
}

TEST(OrderedKeyBytes, WriteFractionsAfterTheWholePart) {
    EXPECT_EQ(real(1.5), "2e 03 80 00 00 00 00 00 00 00");
    EXPECT_EQ(real(-1.5), "2a fc 7f ff ff ff ff ff ff ff");
    EXPECT_EQ(real(0.25), "2d 7f a0 00 00 00 00 00 00");
    EXPECT_EQ(real(9223372036854775808.0), "36 87 c0 00 00 00 00 00 00");
    EXPECT_EQ(decimal("1.1"), "2e 03 19 99 99 99 99 99 99 99 0b 00");
    EXPECT_EQ(decimal("1.12345"), "2e 03 1f 9a 6b 50 b0 f2 7b b3 0d 23 33 00");
    EXPECT_EQ(decimal("0.1"), "2d 7f 73 33 33 33 33 33 33 80 00 0b 00");
    EXPECT_EQ(decimal("10000000000000000000001"),
              "36 89 01 e1 9e 0c 9b ab 25 80 17 0b 01 01 01 01 01 01 01 01 01 01 0b 00");
}

TEST(OrderedKeyBytes, EscapeWhatEndsAText) {
    EXPECT_EQ(elements(KeyWriter{space_tree}.text("")), "40 00");
    EXPECT_EQ(elements(KeyWriter{space_tree}.text(Bytes{"a\0b", 3})), "40 61 01 01 62 00");
    EXPECT_EQ(elements(KeyWriter{space_tree}.text("a\1b")), "40 61 01 02 62 00");
    EXPECT_EQ(elements(KeyWriter{space_tree}.text(Bytes{"12345\0"
                                                        "67",
                                                        8})),
              "40 31 32 33 34 35 01 01 36 37 00");
    EXPECT_EQ(elements(KeyWriter{space_tree}.blob("\xff")), "70 ff 00");
    EXPECT_EQ(elements(KeyWriter{space_tree}.binary(5, "ab")), "4c 02 05 61 62");
}

TEST(OrderedKeyBytes, WriteOneInstantAlikeFromBothStores) {
    EXPECT_EQ(elements(KeyWriter{space_tree}.datetime(DateTime{0})), "59 80 00 00 00 00 00 00 00");
    EXPECT_EQ(elements(KeyWriter{space_tree}.datetime(DateTime{-1})), "59 7f ff ff ff ff ff ff ff");
    KeyWriter row{space_tree};
    row.datetime(parse_datetime("2026-01-31 12:34:56.789"));
    KeyWriter document{space_tree};
    document.date_ms(1769862896789);
    EXPECT_EQ(elements(row), elements(document));
    EXPECT_EQ(elements(KeyWriter{space_tree}.date_ms(INT64_MIN)), "58 00 00 00 00 00 00 00 00");
    EXPECT_EQ(elements(KeyWriter{space_tree}.date_ms(INT64_MAX)), "5a ff ff ff ff ff ff ff ff");
}

TEST(OrderedKeyBytes, WriteTheOtherScalars) {
    EXPECT_EQ(elements(KeyWriter{space_tree}.null()), "18");
    EXPECT_EQ(elements(KeyWriter{space_tree}.boolean(false)), "54");
    EXPECT_EQ(elements(KeyWriter{space_tree}.boolean(true)), "55");
    EXPECT_EQ(elements(KeyWriter{space_tree}.date(Date{-1})), "74 7f ff ff ff");
    EXPECT_EQ(elements(KeyWriter{space_tree}.date(Date{1})), "74 80 00 00 01");
    EXPECT_EQ(elements(KeyWriter{space_tree}.time(Time{1})), "78 80 00 00 00 00 00 00 01");
    EXPECT_EQ(elements(KeyWriter{space_tree}.enumeration(258)), "7a 01 02");
    EXPECT_EQ(elements(KeyWriter{space_tree}.object_id(Bytes{"abcdefghijkl"})),
              "50 61 62 63 64 65 66 67 68 69 6a 6b 6c");
    EXPECT_EQ(elements(KeyWriter{space_tree}.timestamp(1)), "5c 00 00 00 00 00 00 00 01");
    EXPECT_EQ(elements(KeyWriter{space_tree}.regex("a", "i")), "60 61 00 69 00");
    EXPECT_EQ(elements(KeyWriter{space_tree}.min_key()), "10");
    EXPECT_EQ(elements(KeyWriter{space_tree}.max_key()), "7e");
}

TEST(OrderedKeyBytes, WriteTypeNameAndValueOfFields) {
    KeyWriter key{space_tree};
    key.begin_object().field("n").integer(1).field("a").begin_array().boolean(true).end().end();
    EXPECT_EQ(elements(key), "44 20 6e 00 2e 02 48 61 00 48 55 00 00");
}

TEST(OrderedKeyBytes, ComplementDescendingElementsAndNoOthers) {
    KeyWriter key{space_tree};
    key.order(KeyOrder::descending).text("a").order(KeyOrder::ascending).integer(1);
    key.order(KeyOrder::descending).begin_array().integer(1).end();
    EXPECT_EQ(elements(key), "bf 9e ff 2e 02 b7 d1 fd ff");
}

/// A writer is used again and again for one key after another, and grows beyond its inline bytes.
TEST(OrderedKeyBytes, DoNotDependOnWhatTheWriterWroteBefore) {
    KeyWriter key{SpaceId{1}};
    key.order(KeyOrder::descending).text(std::string(1000, 'x')).begin_object().field("half");
    key.restart(SpaceId{2});
    key.integer(1);
    EXPECT_EQ(hex(key.bytes()), "00 00 00 02 2e 02 ");
    const std::string text(5000, '\1');
    key.text(text).integer(5);
    EXPECT_EQ(key.size(), 4 + 2 + 2 + 10000 + 2);
    EXPECT_EQ(copy(key.bytes()), key.take());
}

}  // namespace
}  // namespace amphora::codec
