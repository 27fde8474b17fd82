#include "catalog/evolution/evolution.hpp"
#include "catalog/language/lexer.hpp"
#include "catalog/language/parser.hpp"
#include "catalog/language/print.hpp"
#include "catalog/schema_files.hpp"
#include "support/memory_writing.hpp"

#include <amphora/error.hpp>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>

// A schema text comes from people. Every text is parsed or refused with a place, and everything
// that is parsed can be printed, stored, read back and compared.

namespace amphora::catalog {
namespace {

std::uint64_t seed() {
    const char* text = std::getenv("AMPHORA_SEED");
    return text == nullptr ? 20260131 : std::strtoull(text, nullptr, 10);
}
int scale() {
    const char* text = std::getenv("AMPHORA_TEST_SCALE");
    return text == nullptr ? 1 : std::max(1, std::atoi(text));
}

/// Many rounds, or as many as a few seconds allow on a busy machine.
class Rounds {
  public:
    explicit Rounds(int count)
        : left_{count * scale()},
          end_{std::chrono::steady_clock::now() + std::chrono::seconds{4} * scale()} {}
    bool next() {
        if (left_ == 0 || std::chrono::steady_clock::now() > end_) return false;
        --left_;
        ++done_;
        return true;
    }
    [[nodiscard]] int done() const { return done_; }

  private:
    int left_;
    int done_ = 0;
    std::chrono::steady_clock::time_point end_;
};

/// Schema texts that are nearly valid: bytes, tokens and lines of the real ones are changed,
/// doubled, left out, swapped or replaced by others.
class Mutation {
  public:
    explicit Mutation(std::uint64_t start) : random_{start} {
        for (const std::string& name : schema_names()) texts_.push_back(schema_file(name));
        texts_.push_back(
            "CREATE TABLE e (id INT PRIMARY KEY, d DECIMAL(5,2) DEFAULT 1.5 CHECK (d * 2 / 3 - -1 "
            "> 0 OR NOT "
            "d IS NULL AND LENGTH(t) NOT IN (1, 2)), t TEXT DEFAULT 'it''s', b BLOB DEFAULT "
            "X'00ff', j JSON, "
            "at DATETIME(6) DEFAULT '2026-01-31' ON UPDATE NOW(), k ENUM ('a', 'b') DEFAULT 'a', "
            "UNIQUE INDEX "
            "\"odd name\" (t, at), CONSTRAINT c CHECK (k IN ('a') AND at BETWEEN '2000-01-01' AND "
            "'2100-01-01'), "
            "p INT REFERENCES e (id) ON DELETE CASCADE) ; CREATE COLLECTION `c` (f VARCHAR(3), "
            "INDEX (f, a.b.c)) "
            "WITH (before = TRUE); CREATE COLLECTION r (at DATETIME, till DATETIME) WITH (retain = "
            "'2 weeks', retain_count = 7, retain_by = 'at', expire_by = 'till'); CREATE TABLE w "
            "(id INT PRIMARY KEY) "
            "WITH (before = FALSE);");
        for (const std::string& text : texts_) {
            for (const Token& token : lex(text, "source")) {
                if (token.kind != Token::Kind::end) {
                    words_.push_back(text.substr(token.begin, token.end - token.begin));
                }
            }
        }
    }

    std::string next() {
        std::string text = texts_[below(texts_.size())];
        for (std::size_t left = 1 + below(4); left > 0; --left) mutate(text);
        return text;
    }

  private:
    std::size_t below(std::size_t bound) {
        return bound == 0 ? 0 : std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_);
    }

    void mutate(std::string& text) {
        if (text.empty()) text = " ";
        const std::size_t at = below(text.size());
        switch (below(9)) {
            case 0:
                text[at] = static_cast<char>(below(256));
                break;
            case 1:
                text.erase(at, 1 + below(20));
                break;
            case 2:
                text.insert(at, text.substr(below(text.size()), below(60)));
                break;
            case 3:
                text.resize(at);
                break;
            case 4:
                text.insert(at, 1, "()',\"`;.-/*"[below(11)]);
                break;
            default:
                replace_token(text);
                break;
        }
    }

    /// A token is replaced by, or joined with, another one: the result is mostly well-formed.
    void replace_token(std::string& text) {
        std::vector<Token> tokens;
        try {
            tokens = lex(text, "mutated");
        } catch (const Error&) {
            return;
        }
        const Token& token = tokens[below(tokens.size())];
        std::string word = " " + words_[below(words_.size())] + " ";
        if (below(8) == 0) word.clear();
        const bool replaces = below(3) != 0;
        text.replace(token.begin, replaces ? token.end - token.begin : 0, word);
    }

    std::mt19937_64 random_;
    std::vector<std::string> texts_;
    std::vector<std::string> words_;
};

TEST(Fuzz, AnyTextIsUnderstoodOrRefusedWithItsPlace) {
    Mutation mutation{seed()};
    std::size_t understood = 0;
    Rounds rounds{12'000};
    while (rounds.next()) {
        const std::string text = mutation.next();
        SCOPED_TRACE(fmt::format("AMPHORA_SEED={}, round {}:\n{}", seed(), rounds.done(), text));
        try {
            const Definition schema = parse_schema(text, "fuzz.sql");
            ++understood;
            const std::string printed = to_sql(schema);
            ASSERT_EQ(parse_schema(printed, "printed"), schema) << printed;
        } catch (const Error& error) {
            ASSERT_TRUE(error.code() == ErrorCode::schema_syntax ||
                        error.code() == ErrorCode::unsupported)
                << error.code_name() << ": " << error.what();
            ASSERT_TRUE(std::string_view{error.what()}.starts_with("fuzz.sql:")) << error.what();
        }
    }
    EXPECT_GT(understood, static_cast<std::size_t>(rounds.done() / 50))
        << "the mutations go too far to tell anything";
    EXPECT_LT(understood, static_cast<std::size_t>(rounds.done()) * 9 / 10);
}

// Compares two mutations of one schema. The difference is named. If nothing conflicts, applying it
// leaves nothing to add, and the database reads back what was written.
TEST(Fuzz, WhatIsSaidToBeAdditiveCanBeApplied) {
    Mutation mutation{seed() + 1};
    const Definition base = all_schemas();
    std::size_t applied_count = 0, refused_count = 0;
    Rounds rounds{6'000};
    while (rounds.next()) {
        const std::string text = mutation.next();
        Definition wanted;
        try {
            wanted = parse_schema(text, "fuzz.sql");
        } catch (const Error&) {
            continue;
        }
        SCOPED_TRACE(fmt::format("AMPHORA_SEED={}, round {}:\n{}", seed(), rounds.done(), text));
        support::MemoryWriting database;
        static_cast<void>(apply_additive(database, *load(database), base));
        try {
            const Applied applied = apply_additive(database, *load(database), wanted);
            ++applied_count;
            const auto now = load(database);
            ASSERT_EQ(now->definition(), applied.catalog->definition());
            ASSERT_TRUE(difference(now->definition(), wanted).empty())
                << difference(now->definition(), wanted)[0].text;
            for (const Table& table : base.tables) {
                ASSERT_NE(now->definition().find_table(table.name), nullptr);
            }
        } catch (const Error& error) {
            ++refused_count;
            ASSERT_EQ(error.code(), ErrorCode::schema_mismatch) << error.what();
            ASSERT_EQ(load(database)->version(), 1u);
        }
    }
    EXPECT_GT(applied_count, 0u);
    EXPECT_GT(refused_count, 0u);
}

}  // namespace
}  // namespace amphora::catalog
