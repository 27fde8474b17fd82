#include "catalog/language/token_stream.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace amphora::catalog {

namespace {

constexpr std::uint32_t depth_max = 200;
/// Far more than one token needs: each word that may begin a statement or clause is compared once.
constexpr std::uint32_t looks_max = 10'000;

constexpr std::array<std::string_view, 28> reserved{
    "AND",   "AUTO_INCREMENT", "BETWEEN",    "CHECK", "CONSTRAINT", "CREATE",     "DEFAULT",
    "FALSE", "FOREIGN",        "IN",         "INDEX", "IS",         "KEY",        "LIKE",
    "NOT",   "NULL",           "ON",         "OR",    "PRIMARY",    "REFERENCES", "TABLE",
    "TRUE",  "UNIQUE",         "COLLECTION", "WITH",  "COLLATE",    "CASE",       "IF",
};

/// Clauses of other databases: their first words, and the advice.
struct Clause {
    std::array<std::string_view, 2> words;
    std::string_view advice;
};
constexpr std::array<Clause, 36> unsupported_clauses{{
    {{"COLLATE", ""}, "text is always compared byte by byte"},
    {{"CHARACTER", "SET"}, "text is always UTF-8"},
    {{"CHARSET", ""}, "text is always UTF-8"},
    {{"UNSIGNED", ""}, "use a wider type and a CHECK"},
    {{"ZEROFILL", ""}, "format numbers where they are shown"},
    {{"GENERATED", ""}, "columns are not computed"},
    {{"AS", ""}, "columns are not computed"},
    {{"VIRTUAL", ""}, "columns are not computed"},
    {{"STORED", ""}, "columns are not computed"},
    {{"COMMENT", ""}, "write a comment with --"},
    {{"DEFERRABLE", ""}, "constraints hold after every statement"},
    {{"NOT", "DEFERRABLE"}, "leave it out: constraints hold after every statement"},
    {{"NOT", "ENFORCED"}, "a constraint is always enforced"},
    {{"INITIALLY", ""}, "constraints hold after every statement"},
    {{"MATCH", ""}, "a reference with a NULL in it refers to nothing"},
    {{"ON", "CONFLICT"}, "use put to replace a row"},
    {{"WHERE", ""}, "an index covers every row"},
    {{"USING", ""}, "an index has one form only"},
    {{"INCLUDE", ""}, "an index holds its own columns only"},
    {{"DESC", ""}, "leave it out: an index is read in both directions"},
    {{"NULLS", ""}, "NULLs are distinct in a unique index"},
    {{"ENGINE", ""}, "a table has no options"},
    {{"PARTITION", "BY"}, "tables are not partitioned"},
    {{"TABLESPACE", ""}, "tables have no places of their own"},
    {{"INHERITS", ""}, "tables do not inherit"},
    {{"WITHOUT", ""}, "rows are always stored by their primary key; leave it out"},
    {{"STRICT", ""}, "types are always strict; leave it out"},
    {{"LIKE", ""}, "patterns and copies of tables are not part of the language"},
    {{"REGEXP", ""}, "patterns are not part of the language"},
    {{"COLUMN_FORMAT", ""}, "columns have one format only"},
    {{"INVISIBLE", ""}, "columns and indexes are always visible"},
    {{"VISIBLE", ""}, "columns and indexes are always visible; leave it out"},
    {{"AUTOINCREMENT", ""}, "write AUTO_INCREMENT"},
    {{"IDENTITY", ""}, "write AUTO_INCREMENT"},
    {{"SIGNED", ""}, "numbers are always signed; leave it out"},
    {{"BINARY", ""}, "use BLOB for bytes"},
}};

std::string describe(const Token& token) {
    switch (token.kind) {
        case Token::Kind::end:
            return "the end of the text";
        case Token::Kind::word:
            return fmt::format("'{}'", token.text);
        case Token::Kind::quoted:
            return fmt::format("the name \"{}\"", token.text);
        case Token::Kind::string:
            return fmt::format("the text '{}'", token.text);
        case Token::Kind::blob:
            return "a blob";
        case Token::Kind::number:
            return fmt::format("the number {}", token.text);
        case Token::Kind::sign:
            return fmt::format("'{}'", token.text);
    }
    return {};
}

bool is_word(const Token& token, std::string_view word) noexcept {
    return token.kind == Token::Kind::word && same_name(token.text, word);
}

}  // namespace

bool is_reserved(std::string_view word) noexcept {
    return std::any_of(reserved.begin(), reserved.end(),
                       [&](std::string_view candidate) { return same_name(candidate, word); });
}

TokenStream::TokenStream(std::string_view text, std::string_view source)
    : text_{text}, tokens_{lex(text, source)} {}

const Token& TokenStream::peek(std::size_t ahead) const noexcept {
    AMPHORA_ASSERT(++looks_ < looks_max);
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

const Token& TokenStream::take() noexcept {
    const Token& token = peek();
    if (at_ + 1 < tokens_.size()) {
        ++at_;
        looks_ = 0;
    }
    return token;
}

bool TokenStream::sees(std::initializer_list<std::string_view> words) const noexcept {
    std::size_t ahead = 0;
    return std::all_of(words.begin(), words.end(),
                       [&](std::string_view word) { return is_word(peek(ahead++), word); });
}

bool TokenStream::accept(std::initializer_list<std::string_view> words) noexcept {
    if (!sees(words)) return false;
    AMPHORA_ASSERT(words.size() > 0);
    at_ += words.size();
    looks_ = 0;
    return true;
}

bool TokenStream::sees_sign(std::string_view sign) const noexcept {
    return peek().kind == Token::Kind::sign && peek().text == sign;
}

bool TokenStream::accept_sign(std::string_view sign) noexcept {
    if (!sees_sign(sign)) return false;
    take();
    return true;
}

void TokenStream::expect_word(std::string_view word) {
    if (!accept({word})) fail_expected(word);
}

void TokenStream::expect_sign(std::string_view sign) {
    if (!accept_sign(sign)) fail_expected(fmt::format("'{}'", sign));
}

syntax::Name TokenStream::expect_name(std::string_view what) {
    const Token& token = peek();
    if (token.kind != Token::Kind::word && token.kind != Token::Kind::quoted) fail_expected(what);
    if (token.kind == Token::Kind::word && is_reserved(token.text)) {
        fail_syntax(token.place,
                    fmt::format("expected {}, found the word {}; as a name it is written \"{}\"",
                                what, token.text, token.text));
    }
    if (token.text.size() > identifier_bytes_max) {
        fail_syntax(token.place, fmt::format("a name has at most {} bytes, this one has {}",
                                             identifier_bytes_max, token.text.size()));
    }
    if (token.text.find('\0') != std::string::npos) {
        fail_syntax(token.place, "a name cannot have a NUL in it");
    }
    take();
    return {token.text, token.place};
}

std::uint32_t TokenStream::expect_number(std::string_view what, std::uint32_t low,
                                         std::uint32_t high) {
    const Token& token = peek();
    if (token.kind != Token::Kind::number) fail_expected(what);
    std::uint32_t number = 0;
    const char* end = token.text.data() + token.text.size();
    const auto [stop, error] = std::from_chars(token.text.data(), end, number);
    if (error != std::errc{} || stop != end || number < low || number > high) {
        fail_syntax(token.place, fmt::format("expected {} from {} to {}, found {}", what, low, high,
                                             token.text));
    }
    take();
    return number;
}

std::string TokenStream::expect_string(std::string_view what) {
    if (peek().kind != Token::Kind::string) fail_expected(what);
    return take().text;
}

void TokenStream::fail_expected(std::string_view what) const {
    fail_syntax(place(), fmt::format("expected {}, found {}", what, describe(peek())));
}

void TokenStream::refuse_unsupported_clause() const {
    for (const Clause& clause : unsupported_clauses) {
        const bool two = !clause.words[1].empty();
        if (!is_word(peek(), clause.words[0]) || (two && !is_word(peek(1), clause.words[1]))) {
            continue;
        }
        fail_unsupported(place(), fmt::format("{}{}{} is not supported: {}", clause.words[0],
                                              two ? " " : "", clause.words[1], clause.advice));
    }
}

std::string TokenStream::text_since(std::size_t mark) const {
    if (mark >= at_) return {};
    const std::size_t begin = tokens_[mark].begin;
    return std::string{text_.substr(begin, tokens_[at_ - 1].end - begin)};
}

TokenStream::Depth::Depth(TokenStream& tokens) : tokens_{tokens} {
    if (tokens_.depth_ == depth_max) {
        fail_syntax(tokens_.place(), fmt::format("nested more than {} deep", depth_max));
    }
    ++tokens_.depth_;
}

}  // namespace amphora::catalog
