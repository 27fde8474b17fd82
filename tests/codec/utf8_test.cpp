#include "codec/utf8.hpp"

#include "random.hpp"

#include <gtest/gtest.h>

namespace amphora::codec {
namespace {

TEST(Utf8, TakesEveryCharacterAndNothingElse) {
    // Encoded by the table of RFC 3629, not by the code under test.
    for (std::uint32_t point = 0; point <= 0x10FFFF; ++point) {
        std::string text;
        if (point < 0x80) {
            text = {static_cast<char>(point)};
        } else if (point < 0x800) {
            text = {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
        } else if (point < 0x10000) {
            text = {static_cast<char>(0xE0 | point >> 12),
                    static_cast<char>(0x80 | (point >> 6 & 0x3F)),
                    static_cast<char>(0x80 | (point & 0x3F))};
        } else {
            text = {static_cast<char>(0xF0 | point >> 18),
                    static_cast<char>(0x80 | (point >> 12 & 0x3F)),
                    static_cast<char>(0x80 | (point >> 6 & 0x3F)),
                    static_cast<char>(0x80 | (point & 0x3F))};
        }
        const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
        ASSERT_EQ(is_utf8(text), !surrogate) << point;
        if (surrogate) continue;
        ASSERT_EQ(count_characters(text), 1u);
        // Cut short it is no character, and neither is what was cut off.
        for (std::size_t size = 1; size < text.size(); ++size) {
            ASSERT_EQ(find_invalid_utf8("abcdefgh" + text.substr(0, size)), 8u);
            ASSERT_EQ(find_invalid_utf8("abc" + text.substr(size)), 3u);
        }
    }
}

TEST(Utf8, RefusesLongerFormsAndWhatLiesBeyond) {
    for (const char* text :
         {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xF0\x80\x80\x80",
          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xFE", "\x80",
          "\xED\xA0\x80", "\xED\xBF\xBF", "\xC3(", "\xE2\x82(", "\xF0\x9F\x98("}) {
        EXPECT_FALSE(is_utf8(text));
    }
}

/// The fast path looks at eight bytes at a time: the place of the damage must not matter.
TEST(Utf8, FindsTheFirstBadByteAtEveryPlace) {
    for (std::size_t size = 1; size < 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'a');
            text[at] = '\xff';
            EXPECT_EQ(find_invalid_utf8(text), at);
        }
    }
}

TEST(Utf8, CountsAndCutsCharacters) {
    const std::string text = "a\xC3\xA4\xED\x95\x9C\xF0\x9F\x98\x80z";  // 1, 2, 3, 4 and 1 bytes
    EXPECT_EQ(count_characters(text), 5u);
    EXPECT_EQ(count_characters(std::string(1000, 'x') + text), 1005u);
    EXPECT_EQ(first_characters(text, 3), text.substr(0, 6));
    EXPECT_EQ(first_characters(text, 5), text);
    EXPECT_EQ(first_characters(text, 0), "");
    EXPECT_EQ(first_bytes(text, 9), text.substr(0, 6));
    EXPECT_EQ(first_bytes(text, 10), text.substr(0, 10));
    EXPECT_EQ(first_bytes(text, 100), text);
    EXPECT_EQ(first_bytes("\x80\x80\x80\x80\x80\x80\x80", 6).size(), 2u);
    EXPECT_FALSE(is_longer_than(text, 5));
    EXPECT_TRUE(is_longer_than(text, 4));
    Random random;
    for (Rounds rounds{50}; rounds.next();) {
        std::string many;
        std::size_t count = 0;
        for (std::uint64_t i = random.below(30); i > 0; --i, ++count) {
            const char* const each[] = {"a", "\xC3\xA4", "\xED\x95\x9C", "\xF0\x9F\x98\x80"};
            many += random.of(each);
        }
        ASSERT_TRUE(is_utf8(many));
        ASSERT_EQ(count_characters(many), count);
        for (std::size_t limit = 0; limit < 32; ++limit) {
            ASSERT_EQ(is_longer_than(many, limit), count > limit);
            ASSERT_EQ(count_characters(first_characters(many, limit)), std::min(count, limit));
            ASSERT_TRUE(is_utf8(first_bytes(many, limit)));
        }
    }
}

TEST(Utf8, WhatIsNotWellFormedIsReplacedByteByByte) {
    EXPECT_EQ(well_formed(""), "");
    EXPECT_EQ(well_formed("f\xc3\xbcr"), "f\xc3\xbcr");
    EXPECT_EQ(well_formed("a\xff"), "a\xef\xbf\xbd");
    // A character that is cut, and one that is longer than needed.
    EXPECT_EQ(well_formed("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(well_formed("\xc0\x80z"), "\xef\xbf\xbd\xef\xbf\xbdz");
}

}  // namespace
}  // namespace amphora::codec
