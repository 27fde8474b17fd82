#include "codec/json_documents.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace amphora::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A source that gives at most `chunk` bytes at a time.
JsonWindow::Source source_of(std::string text, std::size_t chunk) {
    return
        [text = std::move(text), chunk, at = std::size_t{0}](char* into, std::size_t most) mutable {
            const std::size_t bytes = text.copy(into, std::min(chunk, most), at);
            at += bytes;
            return bytes;
        };
}

/// What came out of a stream, in order: "3 {"a": 1}" for a document on line 3, the message for a
/// bad one.
std::vector<std::string> read_all(const std::string& text, std::size_t chunk = 1 << 16) {
    JsonDocuments documents{source_of(text, chunk)};
    std::vector<std::string> read;
    while (read.size() < 1'000) {
        try {
            const auto document = documents.next();
            if (!document) {
                EXPECT_EQ(documents.bytes(), text.size());
                EXPECT_FALSE(documents.next()) << "the end is not the end";
                return read;
            }
            read.push_back(fmt::format("{} {}", documents.line(), to_json(*document)));
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::malformed_json);
            read.push_back(error.what());
        }
    }
    ADD_FAILURE() << "the stream does not end";
    return read;
}

/// One bad line costs that line and no other; it is named by its number.
TEST(JsonDocuments, ReadsLinesAndGoesOnBehindABadOne) {
    EXPECT_THAT(
        read_all("{\"a\": 1}\n\n  \r\n{\"a\": 2}\r\n{\"a\": }\n[1]\n{\"a\": 3}"),
        ElementsAre("1 {\"a\": 1}", "4 {\"a\": 2}", "JSON line 5, column 7: '}' out of place",
                    "JSON line 6, column 1: a document is an object, and this is of type array",
                    "7 {\"a\": 3}"));
    EXPECT_THAT(read_all("{\"a\": 1"), ElementsAre(HasSubstr("line 1, column 8: the text ends")));
    EXPECT_THAT(read_all(""), ElementsAre());
    EXPECT_THAT(read_all(" \n \n"), ElementsAre());
    EXPECT_THAT(read_all("\xef\xbb\xbf{\"a\": 1}\n"), ElementsAre("1 {\"a\": 1}"));
}

TEST(JsonDocuments, ReadsAnArrayHoweverItIsLaidOut) {
    EXPECT_THAT(read_all("[]"), ElementsAre());
    EXPECT_THAT(read_all(" [ ] \n"), ElementsAre());
    EXPECT_THAT(read_all("[{\"a\":1},{\"a\":2}]"), ElementsAre("1 {\"a\": 1}", "1 {\"a\": 2}"));
    EXPECT_THAT(read_all("\xef\xbb\xbf[{\"a\": 1}\n,{\"a\": \"]},{\\\"\"}\n]\n"),
                ElementsAre("1 {\"a\": 1}", "2 {\"a\": \"]},{\\\"\"}"));
    EXPECT_THAT(read_all("[\n{\n\"a\":\n[\n{\n\"b\": 1\n}\n]\n},\n{}\n]"),
                ElementsAre("2 {\"a\": [{\"b\": 1}]}", "10 {}"));
}

/// An element that cannot be read costs that element, whatever is wrong with it.
TEST(JsonDocuments, GoesOnBehindABadElement) {
    EXPECT_THAT(read_all("[{\"a\": 1}, {\"a\": }, {\"a\": 3}]"),
                ElementsAre("1 {\"a\": 1}", HasSubstr("line 1, column 7"), "1 {\"a\": 3}"));
    EXPECT_THAT(read_all("[1, {\"a\": 2}, null]"),
                ElementsAre(HasSubstr("of type int"), "1 {\"a\": 2}", HasSubstr("of type null")));
    // A quote is missing, and all brackets behind it seem to be text.
    EXPECT_THAT(read_all("[{\"a\": 1}\n,{\"a\": \"x}\n,{\"a\": 3}\n,{\"a\": 4}]"),
                ElementsAre("1 {\"a\": 1}", HasSubstr("line 2"), "3 {\"a\": 3}", "4 {\"a\": 4}"));
    // A bracket is missing, in a file that is laid out for people.
    EXPECT_THAT(read_all("[\n  {\n    \"a\": {\n      \"b\": 1\n  },\n  {\n    \"a\": 2\n  }\n]\n"),
                ElementsAre(HasSubstr("line 6, column 3"), "6 {\"a\": 2}"));
    // A bracket too many.
    EXPECT_THAT(read_all("[{\"a\": [1}]\n,{\"a\": 2}\n]"),
                ElementsAre(HasSubstr("line 1"), "2 {\"a\": 2}"));
}

TEST(JsonDocuments, NamesWhatIsWrongBetweenElements) {
    EXPECT_THAT(read_all("[{} {}]"), ElementsAre("1 {}", HasSubstr("no comma"), "1 {}"));
    EXPECT_THAT(read_all("[,{}]"), ElementsAre(HasSubstr("no document before it"), "1 {}"));
    EXPECT_THAT(read_all("[{},,{}]"),
                ElementsAre("1 {}", HasSubstr("no document before it"), "1 {}"));
    EXPECT_THAT(read_all("[{},]"), ElementsAre("1 {}", HasSubstr("no document behind it")));
    EXPECT_THAT(read_all("[{}"), ElementsAre("1 {}", HasSubstr("closing bracket is missing")));
    EXPECT_THAT(read_all("[{}]\n x {}"),
                ElementsAre("1 {}", HasSubstr("line 2: something follows")));
    EXPECT_THAT(read_all("[{\"a\": {}"),
                ElementsAre(HasSubstr("line 1: the document does not end")));
}

/// Wherever a chunk ends, in the middle of an escape, of a character, of a number: the same comes
/// out.
TEST(JsonDocuments, DoesNotDependOnTheChunks) {
    for (const std::string text :
         {"\xef\xbb\xbf{\"a\": \"\\\"\\u00e9é🍶\\\\\"}\r\n{\"b\": 12345.5e1}\n{bad}\n\n{\"c\": 1}",
          "[ {\"a\": \"\\\"]\\\\\"} , {\"b\": \"é\n\"},\n {\"c\": [1, {}]} , true, {\"x\n ,{\"d\": "
          "1}\n]\n"}) {
        const auto whole = read_all(text);
        EXPECT_GE(whole.size(), 4u);
        for (std::size_t chunk = 1; chunk < 20; ++chunk) {
            EXPECT_EQ(read_all(text, chunk), whole) << chunk;
        }
    }
}

/// A stream far larger than what is kept of it: documents come out while the source is still
/// giving, and one without an end is given up at the bound.
TEST(JsonDocuments, KeepsNoMoreThanOneDocument) {
    const std::string piece = ",{\"a\": \"" + std::string(1'000, 'x') + "\"}\n";
    std::size_t given = 0;
    JsonDocuments documents{[&](char* into, std::size_t most) {
        const std::string_view text =
            given == 0 ? std::string_view{"[{}\n"} : std::string_view{piece};
        std::memcpy(into, text.data(), std::min(most, text.size()));
        given += text.size();
        return text.size();
    }};
    for (int i = 0; i < 100'000; ++i) {
        ASSERT_TRUE(documents.next());
        ASSERT_LT(given, documents.bytes() + 3 * piece.size());
    }
}

TEST(JsonDocuments, GivesUpATextWithoutEnd) {
    for (const char* const beginning : {"[{\"a\": 1}\n,{\"x\": \"", "{\"a\": 1}\n{\"x\": \""}) {
        std::size_t given = 0;
        bool ended = false;
        JsonDocuments documents{[&](char* into, std::size_t most) {
            if (given == 0) {
                given = std::strlen(beginning);
                std::memcpy(into, beginning, given);
                return given;
            }
            if (given < json_document_bytes_max + (std::size_t{8} << 20)) {
                std::memset(into, 'x', most);
                given += most;
                return most;
            }
            if (ended) return std::size_t{0};
            ended = true;
            const std::string_view last = "\"}\n,{\"a\": 2}\n]";
            const std::string_view line = "\"}\n{\"a\": 2}\n";
            const std::string_view rest = beginning[0] == '[' ? last : line;
            std::memcpy(into, rest.data(), rest.size());
            return rest.size();
        }};
        EXPECT_TRUE(documents.next());
        try {
            static_cast<void>(documents.next());
            FAIL();
        } catch (const Error& error) {
            EXPECT_THAT(error.what(), HasSubstr("line 2"));
            EXPECT_THAT(error.what(), HasSubstr("64 MiB"));
        }
        const auto last = documents.next();
        ASSERT_TRUE(last);
        EXPECT_EQ(last->find("a")->as_int64(), 2);
        EXPECT_EQ(documents.line(), 3u);
        EXPECT_FALSE(documents.next());
    }
}

/// What the source throws reaches the caller.
TEST(JsonDocuments, PassesOnWhatTheSourceThrows) {
    JsonDocuments documents{[](char*, std::size_t) -> std::size_t {
        throw Error{ErrorCode::io_error, "reading failed"};
    }};
    EXPECT_THROW(static_cast<void>(documents.next()), Error);
}

}  // namespace
}  // namespace amphora::codec
