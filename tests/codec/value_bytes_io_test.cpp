#include "codec/bytes_io.hpp"
#include "random.hpp"

#include <amphora/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphora::codec {
namespace {

using ::testing::HasSubstr;

TEST(BytesIo, ReadsBackWhatWasAppended) {
    Buffer bytes;
    append_u8(bytes, 0xFE);
    append_u16(bytes, 0xFEDC);
    append_u32(bytes, 0xFEDCBA98);
    append_u64(bytes, 0xFEDCBA9876543210);
    append_i64(bytes, -2);
    append_varint(bytes, 300);
    append_zigzag(bytes, -300);
    append_counted(bytes, "text");
    BytesReader reader{bytes, "commit record"};
    EXPECT_EQ(reader.u8(), 0xFE);
    EXPECT_EQ(reader.u16(), 0xFEDC);
    EXPECT_EQ(reader.u32(), 0xFEDCBA98);
    EXPECT_EQ(reader.u64(), 0xFEDCBA9876543210);
    EXPECT_EQ(reader.i64(), -2);
    EXPECT_EQ(reader.varint(), 300u);
    EXPECT_EQ(reader.zigzag(), -300);
    EXPECT_EQ(reader.counted(), "text");
    EXPECT_NO_THROW(reader.require_end());
    try {
        static_cast<void>(reader.u8());
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::corrupt);
        EXPECT_THAT(
            error.what(),
            HasSubstr("commit record of 32 bytes is damaged: expected more bytes at offset 32"));
    }
}

TEST(BytesIo, RefusesCountsBeyondTheEnd) {
    Buffer bytes;
    append_varint(bytes, UINT64_MAX);
    bytes += "x";
    EXPECT_THROW(static_cast<void>(BytesReader(bytes, "test").counted()), Error);
    EXPECT_THROW(static_cast<void>(BytesReader("x", "test").bytes(SIZE_MAX)), Error);
    EXPECT_THROW(BytesReader("x", "test").require_end(), Error);
}

TEST(Varint, HasOneFormForEachNumber) {
    Random random;
    for (Rounds rounds{50}; rounds.next();) {
        const std::uint64_t value = random.bits() >> random.below(64);
        Buffer bytes;
        append_varint(bytes, value);
        ASSERT_EQ(bytes.size(), varint_size(value));
        Bytes left = bytes;
        std::uint64_t read = 0;
        ASSERT_TRUE(take_varint(left, read));
        ASSERT_EQ(read, value);
        ASSERT_TRUE(left.empty());
        left = Bytes{bytes}.substr(0, bytes.size() - 1);
        ASSERT_FALSE(take_varint(left, read));
        ASSERT_EQ(from_zigzag(to_zigzag(static_cast<std::int64_t>(value))),
                  static_cast<std::int64_t>(value));
    }
    std::uint64_t read = 7;
    for (Bytes bad : {Bytes{"\x80\x00", 2}, Bytes{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"},
                      Bytes{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}}) {
        EXPECT_FALSE(take_varint(bad, read));
        EXPECT_EQ(read, 7u);
    }
}

}  // namespace
}  // namespace amphora::codec
