#include "codec/json/documents.hpp"

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
TEST(JsonDocuments, ReadsLinesAndContinuesAfterABadOne) {
    EXPECT_THAT(
        read_all("{\"a\": 1}\n\n  \r\n{\"a\": 2}\r\n{\"a\": }\n[1]\n{\"a\": 3}"),
        ElementsAre("1 {\"a\": 1}", "4 {\"a\": 2}", "JSON line 5, column 7: '}' out of place",
                    "JSON line 6, column 1: a document is an object and begins with '{', and this "
                    "is an array",
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

/// An element that cannot be read costs only that element, for every kind of mistake.
TEST(JsonDocuments, ContinuesAfterABadElement) {
    EXPECT_THAT(read_all("[{\"a\": 1}, {\"a\": }, {\"a\": 3}]"),
                ElementsAre("1 {\"a\": 1}", HasSubstr("line 1, column 18"), "1 {\"a\": 3}"));
    EXPECT_THAT(read_all("[1, {\"a\": 2}, null]"),
                ElementsAre(HasSubstr("column 2: a document is an object and begins with '{', and "
                                      "this with '1'"),
                            "1 {\"a\": 2}", HasSubstr("column 15: a document is an object")));
    // A quote is missing, and all brackets after it seem to be text.
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
    EXPECT_THAT(read_all("[,{}]"), ElementsAre(HasSubstr("without a document before it"), "1 {}"));
    EXPECT_THAT(read_all("[{},,{}]"),
                ElementsAre("1 {}", HasSubstr("without a document before it"), "1 {}"));
    EXPECT_THAT(read_all("[{},]"), ElementsAre("1 {}", HasSubstr("without a document after it")));
    EXPECT_THAT(read_all("[{}"), ElementsAre("1 {}", HasSubstr("closing bracket is missing")));
    EXPECT_THAT(read_all("[{}]\n x {}"),
                ElementsAre("1 {}", HasSubstr("line 2, column 2: something follows"), "2 {}"));
    // A bracket too many, and the array continues.
    EXPECT_THAT(read_all("[{}],\n{}\n]"),
                ElementsAre("1 {}", HasSubstr("line 1, column 5: something follows"), "2 {}"));
    EXPECT_THAT(read_all("[{\"a\": {}"),
                ElementsAre(HasSubstr("line 1, column 10: the text ends in the middle")));
}

/// What an application prints for people, one object after another, is what JSON Lines has, with
/// other white space.
TEST(JsonDocuments, ReadsDocumentsOneAfterAnotherHoweverTheyAreLaidOut) {
    EXPECT_THAT(read_all("{\n  \"a\": 1,\n  \"b\": {\n    \"c\": [\n      2\n    ]\n  }\n}\n{\n  "
                         "\"a\": 2\n}\n"),
                ElementsAre("1 {\"a\": 1, \"b\": {\"c\": [2]}}", "9 {\"a\": 2}"));
    EXPECT_THAT(read_all("{\"a\": 1}{\"a\": 2} {\"a\":\r\n3}"),
                ElementsAre("1 {\"a\": 1}", "1 {\"a\": 2}", "1 {\"a\": 3}"));
    // A mistake in one costs that one.
    EXPECT_THAT(read_all("{\n  \"a\": 1\n}\n{\n  \"a\": \n}\n{\n  \"a\": {\n}\n{\n  \"a\": 4\n}\n"),
                ElementsAre("1 {\"a\": 1}", HasSubstr("line 6, column 1: '}' out of place"),
                            HasSubstr("line 10, column 1: '{' out of place"), "10 {\"a\": 4}"));
    EXPECT_THAT(read_all("{\"a\": [1\n{\"a\": 2}\n{\"a\": \"3}\n{\"a\": 4}"),
                ElementsAre(HasSubstr("line 2"), "2 {\"a\": 2}",
                            HasSubstr("line 3, column 10: control character"), "4 {\"a\": 4}"));
    EXPECT_THAT(read_all("{\"a\": 1},\n1 {\"a\": 2} null\n[{\"a\": 3}] {\"a\": 4}\n\"{\\\"\"\n"),
                ElementsAre("1 {\"a\": 1}", HasSubstr("line 1, column 9: a comma"),
                            HasSubstr("line 2, column 1: a document is an object"), "2 {\"a\": 2}",
                            HasSubstr("line 2, column 12"),
                            HasSubstr("line 3, column 1: a document is an object"), "3 {\"a\": 4}",
                            HasSubstr("line 4, column 1")));
}

/// A stray bracket was an element of no bytes: the reader found it again and again, and kept a
/// message each time.
TEST(JsonDocuments, PassesAStrayBracket) {
    EXPECT_THAT(read_all("[}"), ElementsAre(HasSubstr("line 1, column 2: '}' closes nothing"),
                                            HasSubstr("closing bracket is missing")));
    EXPECT_THAT(read_all("[{\"_id\": 1},}]"),
                ElementsAre("1 {\"_id\": 1}", HasSubstr("column 13: '}' closes nothing")));
    EXPECT_THAT(
        read_all("[{\"_id\": \"k1\"}}, {\"_id\": \"k2\"}]"),
        ElementsAre("1 {\"_id\": \"k1\"}", HasSubstr("'}' closes nothing"), "1 {\"_id\": \"k2\"}"));
    EXPECT_THAT(read_all("}{}]}\n{}"), ElementsAre(HasSubstr("'}' closes nothing"), "1 {}",
                                                   HasSubstr("']' closes nothing"), "2 {}"));
}

/// What came out of a stream: documents with their lines, and the line of each mistake. Its column
/// depends on the chunks where a word such as `true` is misspelt.
std::vector<std::string> outline(const std::string& text, std::size_t chunk = 1 << 16) {
    std::vector<std::string> read = read_all(text, chunk);
    for (std::string& entry : read) {
        if (entry.starts_with("JSON")) entry.resize(entry.find(','));
    }
    return read;
}

/// For everything that is cut out of a file or put into it, each call passes a part of it, and the
/// end comes.
TEST(JsonDocuments, EndsWhateverIsMissing) {
    const std::string array = "[{\"a\": [1, {\"b\": \"]}\"}]},\n{\"c\": null}, {}]";
    const std::string lines = "{\"a\": [1, {\"b\": \"]}\"}]}\n{\"c\": null}{}";
    for (const std::string& text : {array, lines}) {
        for (std::size_t at = 0; at <= text.size(); ++at) {
            for (const char letter : Bytes{"{}[],\":\n 1\\\0x", 13}) {
                const std::string longer = text.substr(0, at) + letter + text.substr(at);
                ASSERT_LT(read_all(longer).size(), 12u) << longer;
                ASSERT_EQ(outline(longer, 1), outline(longer)) << longer;
                if (at == text.size()) continue;
                std::string other = text;
                other[at] = letter;
                ASSERT_LT(read_all(other).size(), 12u) << other;
                ASSERT_EQ(outline(other, 1), outline(other)) << other;
            }
        }
    }
}

/// How many of the stream's documents are refused; `last` becomes the last good one.
int count_refused(std::string text, std::optional<Document>& last) {
    JsonDocuments documents{source_of(std::move(text), 1 << 16)};
    int refused = 0;
    while (true) {
        try {
            auto next = documents.next();
            if (!next) return refused;
            last = std::move(next);
        } catch (const Error&) {
            ++refused;
        }
    }
}

/// The end of an unclosed bracket used to be searched up to the end of the file, for each document
/// again: a file of 3 MB took many minutes.
TEST(JsonDocuments, RecoversInOnePass) {
    const std::string text_1000 = '"' + std::string(1'000, 'x') + '"';
    const std::pair<std::string, int> cases[] = {{",{\"a\": {" + text_1000 + ": 1\n", 20'000},
                                                 {"{\"a\": [" + text_1000 + "\n", 20'000},
                                                 {",{\"a\": [1\n", 2'000}};
    for (const auto& [document, count] : cases) {
        for (const std::string start : {"", "[\n"}) {
            std::string text = start;
            for (int i = 0; i < count; ++i) text += document;
            std::optional<Document> last;
            EXPECT_GE(count_refused(text + "{\"a\": 7}\n", last), count);
            ASSERT_TRUE(last);
            EXPECT_EQ(to_json(*last), "{\"a\": 7}");
        }
    }
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
            if (given < std::size_t{72} << 20) {
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
            EXPECT_THAT(error.what(), HasSubstr("16 MiB"));
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
    EXPECT_FALSE(documents.next());

    // In the middle of a document an error of the source is not a mistake of the document, for
    // every code.
    bool given = false;
    JsonDocuments cut{[&](char* into, std::size_t) -> std::size_t {
        if (given) throw Error{ErrorCode::malformed_json, "reading failed"};
        given = true;
        return std::string_view{"{}\n{\"a\""}.copy(into, 7);
    }};
    EXPECT_TRUE(cut.next());
    EXPECT_THROW(static_cast<void>(cut.next()), Error);
    EXPECT_FALSE(cut.next());
}

}  // namespace
}  // namespace amphora::codec
