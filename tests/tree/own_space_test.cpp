#include "tree/mark_record.hpp"

#include "base/checksum.hpp"
#include "tree/tree_fixture.hpp"

#include <gmock/gmock.h>

namespace amphora::tree::testing {
namespace {

const MarkRecord record{.identity = identity_of(7),
                        .mark = {.epoch = Epoch{3}, .sequence = Sequence{0x0102}, .chain = 77}};

TEST(MarkRecord, ComesBackAsItWas) {
    const MarkRecord found = decode_mark_record(encode(record), "here");
    EXPECT_EQ(found.identity, record.identity);
    EXPECT_EQ(found.mark, record.mark);
    EXPECT_EQ(recognize(encode(record), identity_of(7), "here"), record.mark);
}

TEST(MarkRecord, HasTheBytesThatItsHeaderShows) {
    const Buffer bytes = encode(record);
    ASSERT_EQ(bytes.size(), 68u);
    EXPECT_EQ(bytes.substr(0, 5), Buffer("\1\0\0\0\7", 5));
    EXPECT_EQ(bytes.substr(36, 16), Buffer("\3\0\0\0\0\0\0\0\2\1\0\0\0\0\0\0", 16));
    EXPECT_EQ(bytes.substr(52, 8), Buffer("\115\0\0\0\0\0\0\0", 8));
}

/// Any damage is found. A later format is distinguished from damage, also if it is longer.
TEST(MarkRecord, RefusesDamageAndLaterFormats) {
    const Buffer bytes = encode(record);
    for (std::size_t at = 4; at < bytes.size(); ++at) {
        Buffer damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        EXPECT_EQ(code_of([&] { return decode_mark_record(damaged, "here"); }), ErrorCode::corrupt)
            << at;
    }
    EXPECT_EQ(code_of([&] { return decode_mark_record(bytes.substr(0, 67), "here"); }),
              ErrorCode::corrupt);
    EXPECT_EQ(code_of([&] { return decode_mark_record("", "here"); }), ErrorCode::corrupt);
    Buffer later = bytes + "more";
    later[0] = 2;
    EXPECT_EQ(code_of([&] { return decode_mark_record(later, "here"); }), ErrorCode::newer_format);
}

TEST(MarkRecord, SaysWhatDoesNotBelong) {
    EXPECT_EQ(code_of([&] { return recognize(std::nullopt, identity_of(7), "here"); }),
              ErrorCode::not_a_database);
    EXPECT_EQ(code_of([&] { return recognize(encode(record), identity_of(8), "here"); }),
              ErrorCode::foreign_piece);
    EXPECT_EQ(code_of([&] { return recognize(encode(record), identity_of(7, 2), "here"); }),
              ErrorCode::foreign_piece);
    EXPECT_EQ(code_of([&] { require_empty(encode(record), "here"); }), ErrorCode::foreign_piece);
    require_empty(std::nullopt, "here");
    require_empty(encode(MarkRecord{.identity = identity_of(8), .mark = {}}), "here");
}

TEST(ToHex, ShortensLongKeys) {
    EXPECT_EQ(to_hex(Buffer("\0\x1f\xff", 3)), "001fff");
    EXPECT_THAT(to_hex(Buffer(200, 'a')), ::testing::EndsWith("… (200 bytes)"));
}

}  // namespace
}  // namespace amphora::tree::testing
