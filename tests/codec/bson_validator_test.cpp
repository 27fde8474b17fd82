#include "codec/bson/validator.hpp"

#include "bson_random.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

namespace amphora::codec {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string element(BsonType type, std::string_view name, std::string_view value) {
    std::string bytes{static_cast<char>(type)};
    bytes.append(name).push_back('\0');
    return bytes.append(value);
}

std::string number(std::int32_t value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string document(std::string_view elements) {
    return number(static_cast<std::int32_t>(elements.size()) + 5).append(elements) + '\0';
}

std::string text(std::string_view value) {
    return number(static_cast<std::int32_t>(value.size()) + 1).append(value) + '\0';
}

struct Malformed {
    const char* name;
    std::string bytes;
    std::size_t offset;
    const char* what;
};

std::vector<Malformed> malformed_documents() {
    const auto one = [](BsonType type, std::string_view value) {
        return document(element(type, "a", value));
    };
    std::string unterminated = document("");
    unterminated.back() = '\1';
    return {
        {"nothing", "", 0, "shorter than any document"},
        {"cut", std::string(4, '\0'), 0, "shorter than any document"},
        {"too_long", number(6) + '\0', 0, "length"},
        {"too_short", number(5) + std::string(2, '\0'), 0, "length"},
        {"negative", number(-1) + '\0', 0, "length"},
        {"zero_inside", number(6) + std::string(2, '\0'), 4, "ends before"},
        {"no_end", unterminated, 5, "zero byte"},
        {"no_name_end", number(7) + "\x0a\x41\x41", 5, "name without its zero byte"},
        {"no_end_after_element", number(7) + "\x0a\x41"s + '\0', 7, "does not end"},
        {"unknown_type", one(static_cast<BsonType>(0x14), ""), 4, "type that BSON does not have"},
        {"name_not_utf8", document(element(BsonType::null, "\xff", "")), 5, "not UTF-8"},
        {"string_not_utf8", one(BsonType::string, text("ab\xc0\x80")), 13, "not UTF-8"},
        {"string_surrogate", one(BsonType::string, text("\xed\xa0\x80")), 11, "not UTF-8"},
        {"string_zero_length", one(BsonType::string, number(0)), 7, "longer than"},
        {"string_negative", one(BsonType::string, number(-5)), 7, "longer than"},
        {"string_too_long", one(BsonType::string, number(100) + "a"), 7, "longer than"},
        {"string_no_end", one(BsonType::string, number(2) + "ab"), 7, "string without its zero"},
        {"boolean", one(BsonType::boolean, "\2"), 7, "neither 0 nor 1"},
        {"int32_cut", one(BsonType::int32, "\1\2"), 7, "longer than"},
        {"binary_negative", one(BsonType::binary, number(-1) + '\0'), 7, "longer than"},
        {"binary_old", one(BsonType::binary, number(5) + '\2' + number(2) + "x"), 7, "disagree"},
        {"regex_cut", one(BsonType::regex, "ab"), 7, "longer than"},
        {"code_scope_length", one(BsonType::code_with_scope, number(100)), 7, "longer than"},
        {"code_scope_text",
         one(BsonType::code_with_scope, number(19) + number(90) + std::string(11, '\0')), 7,
         "longer than"},
        {"code_scope_scope",
         one(BsonType::code_with_scope, number(19) + text("xy") + number(9) + std::string(4, '\0')),
         18, "length"},
        {"inner_length", one(BsonType::document, number(50) + '\0'), 7, "longer than"},
        {"inner_short", one(BsonType::document, number(4)), 7, "longer than"},
        {"symbol_not_utf8", one(BsonType::symbol, text("\x80")), 11, "not UTF-8"},
        {"pattern_not_utf8", one(BsonType::regex, "\xff\0\0"sv), 7, "not UTF-8"},
    };
}

class MalformedBson : public testing::TestWithParam<Malformed> {};

/// Each breaks one rule of the format; the message says where it shows.
TEST_P(MalformedBson, IsRefusedWithItsOffset) {
    const std::vector<char> exact(GetParam().bytes.begin(), GetParam().bytes.end());
    const Bytes bytes{exact.data(), exact.size()};
    const auto fault = find_bson_fault(bytes);
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->offset, GetParam().offset) << fault->what;
    EXPECT_NE(fault->what.find(GetParam().what), Bytes::npos) << fault->what;
    try {
        static_cast<void>(Document::from_bson(bytes));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::malformed_bson);
        EXPECT_NE(std::string_view{error.what()}.find(fmt::format("offset {}", fault->offset)),
                  Bytes::npos)
            << error.what();
    }
}

INSTANTIATE_TEST_SUITE_P(Each, MalformedBson, testing::ValuesIn(malformed_documents()),
                         [](const auto& each) { return each.param.name; });

TEST(BsonValidator, KnowsTheDepthAndItsLimit) {
    std::string nested = document("");
    for (int level = 1; level < 100; ++level) {
        nested = document(element(BsonType::array, "0", nested));
    }
    EXPECT_EQ(judge_bson(nested).depth, 100);
    const auto fault = find_bson_fault(document(element(BsonType::document, "x", nested)));
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->what, "nested deeper than 100 levels");
    EXPECT_TRUE(find_bson_fault(std::string(document_bytes_max + 1, '\0')));
}

/// Other writers name the elements of an array as they like and put a regular expression's options
/// in any order. Both are put right where the bytes become a document, or a path into the array
/// would miss, and the document would come back from its own JSON as another one.
TEST(BsonValidator, PutsNamesAndOptionsOfOthersRight) {
    const std::string regex{"p\0mxi\0", 6};
    const std::string inner = document(element(BsonType::regex, "7", regex));
    const std::string array =
        document(element(BsonType::null, "x", "") + element(BsonType::array, "x", inner) +
                 element(BsonType::document, "01", inner));
    const std::string code{"\2\0\0\0c\0", 6};
    std::string scoped = code + document(element(BsonType::array, "a", array));
    scoped.insert(0, std::string{static_cast<char>(scoped.size() + 4)} + std::string(3, '\0'));
    const std::string bytes = document(element(BsonType::array, "a", array) +
                                       element(BsonType::code_with_scope, "c", scoped));
    EXPECT_FALSE(find_bson_fault(bytes));
    ASSERT_TRUE(find_document_fault(bytes));
    EXPECT_EQ(find_document_fault(bytes)->what,
              "an element of an array whose name is not its position");
    const RegularExpression right{"p", "imx"};
    const Document scope{{"a", Array{nullptr, Array{right}, Document{{"7", right}}}}};
    Document expected = scope;
    expected.append("c", Code{"c", scope.view()});
    EXPECT_EQ(Document::from_bson(bytes), expected);
    EXPECT_EQ(Document{DocumentView{bytes}}, expected);
    EXPECT_EQ((Document{{"d", BsonValue{BsonView{BsonType::document, bytes}}}}),
              (Document{{"d", expected}}));
    EXPECT_FALSE(find_document_fault(expected.bytes()));
    EXPECT_EQ(find_document_fault(document(element(BsonType::regex, "r", regex)))->what,
              "options of a regular expression that are not in order");
}

/// Bits flip and bytes are lost. For every damage, the validator judges without reading outside of
/// the bytes (the address sanitizer watches). What it accepts can be walked to its last value:
/// nothing throws, and the text made from it is JSON again.
TEST(BsonValidator, LetsNothingPassThatCannotBeWalked) {
    codec_test::Random random{codec_test::seed()};
    SCOPED_TRACE(fmt::format("AMPHORA_SEED={}", codec_test::seed()));
    std::uint64_t passed = 0;
    for (std::uint64_t round = 0; round < 20'000 * codec_test::scale(); ++round) {
        std::string bytes{codec_test::random_document(random).bytes()};
        for (auto flips = 1 + random() % 3; flips > 0; --flips) {
            bytes[random() % bytes.size()] ^= static_cast<char>(1u << random() % 8);
        }
        if (random() % 3 == 0) {
            bytes.resize(random() % bytes.size());
            const auto size = static_cast<std::int32_t>(bytes.size());
            if (bytes.size() >= 4) std::memcpy(bytes.data(), &size, sizeof size);
        }
        const std::vector<char> exact(bytes.begin(), bytes.end());
        const Bytes damaged{exact.data(), exact.size()};
        if (find_bson_fault(damaged)) {
            try {  // without validation reading may fail, but only by throwing
                static_cast<void>(to_json(DocumentView{damaged}));
            } catch (const Error& error) {
                ASSERT_EQ(error.code(), ErrorCode::malformed_bson);
            }
            continue;
        }
        ++passed;
        ASSERT_NO_THROW(static_cast<void>(to_json(DocumentView{damaged}, JsonFormat::canonical)));
    }
    EXPECT_GT(passed, 100u);
}

TEST(BsonValidator, AcceptsEveryDocumentThatIsBuilt) {
    codec_test::Random random{codec_test::seed()};
    SCOPED_TRACE(fmt::format("AMPHORA_SEED={}", codec_test::seed()));
    for (std::uint64_t round = 0; round < 5'000 * codec_test::scale(); ++round) {
        const Document built = codec_test::random_document(random, 5);
        const auto fault = find_bson_fault(built.bytes());
        ASSERT_FALSE(fault) << fault->what << " in " << to_json(built);
        ASSERT_EQ(judge_bson(built.bytes()).depth,
                  bson_depth(BsonView{BsonType::document, built.bytes()}));
    }
}

}  // namespace
}  // namespace amphora::codec
