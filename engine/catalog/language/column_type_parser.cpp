#include "catalog/language/clause_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>

namespace amphora::catalog {

namespace {

constexpr std::uint32_t varchar_length_max = 16'000'000;  // 64 MB in any script
constexpr std::uint32_t decimal_digits_max = 38;
constexpr std::size_t enum_members_max = 65'535;
constexpr std::size_t enum_member_bytes_max = 255;

struct Spelling {
    std::string_view word;
    Type type;
};
constexpr std::array<Spelling, 18> spellings{{
    {"BIGINT", Type::bigint},
    {"INT", Type::integer},
    {"INTEGER", Type::integer},
    {"SMALLINT", Type::smallint},
    {"BOOLEAN", Type::boolean},
    {"BOOL", Type::boolean},
    {"FLOAT", Type::real32},
    {"DOUBLE", Type::real64},
    {"DECIMAL", Type::decimal},
    {"NUMERIC", Type::decimal},
    {"VARCHAR", Type::varchar},
    {"TEXT", Type::text},
    {"BLOB", Type::blob},
    {"DATETIME", Type::datetime},
    {"DATE", Type::date},
    {"TIME", Type::time},
    {"ENUM", Type::enumeration},
    {"JSON", Type::json},
}};

void parse_members(TokenStream& tokens, ColumnType& type) {
    tokens.expect_sign("(");
    std::unordered_set<std::string> seen;  // the list can be long
    do {
        const SourceLocation place = tokens.place();
        std::string member = tokens.expect_string("a member of the ENUM in single quotes");
        if (member.empty()) fail_syntax(place, "a member of an ENUM cannot be empty");
        if (member.size() > enum_member_bytes_max) {
            fail_syntax(place, fmt::format("a member of an ENUM has at most {} bytes",
                                           enum_member_bytes_max));
        }
        if (!seen.insert(member).second) {
            fail_syntax(place, fmt::format("ENUM has the member '{}' twice", member));
        }
        if (type.members.size() == enum_members_max) {
            fail_syntax(place, fmt::format("an ENUM has at most {} members", enum_members_max));
        }
        type.members.push_back(std::move(member));
    } while (tokens.accept_sign(","));
    tokens.expect_sign(")");
}

void parse_digits(TokenStream& tokens, ColumnType& type) {
    tokens.expect_sign("(");
    type.precision = static_cast<std::uint8_t>(
        tokens.expect_number("a number of digits", 1, decimal_digits_max));
    if (tokens.accept_sign(",")) {
        type.scale = static_cast<std::uint8_t>(
            tokens.expect_number("a number of digits after the point", 0, type.precision));
    }
    tokens.expect_sign(")");
}

/// DATETIME(6) names the only precision there is; any other number of digits would not be kept.
void parse_fraction(TokenStream& tokens, std::string_view word) {
    if (!tokens.accept_sign("(")) return;
    const SourceLocation place = tokens.place();
    if (tokens.expect_number("a number of digits", 0, 9) != 6) {
        fail_unsupported(
            place, fmt::format("{} always has six digits of a second; leave the number out", word));
    }
    tokens.expect_sign(")");
}

}  // namespace

ColumnType parse_type(TokenStream& tokens) {
    const Token& token = tokens.peek();
    const auto found =
        token.kind != Token::Kind::word
            ? spellings.end()
            : std::find_if(spellings.begin(), spellings.end(), [&](const Spelling& spelling) {
                  return same_name(spelling.word, token.text);
              });
    if (found == spellings.end()) tokens.fail_expected("a column type");
    tokens.take();

    ColumnType type;
    type.type = found->type;
    switch (type.type) {
        case Type::varchar:
            tokens.expect_sign("(");
            type.length_max = tokens.expect_number("a number of characters", 1, varchar_length_max);
            tokens.expect_sign(")");
            break;
        case Type::decimal:
            parse_digits(tokens, type);
            break;
        case Type::enumeration:
            parse_members(tokens, type);
            break;
        case Type::real64:
            tokens.accept({"PRECISION"});
            break;
        case Type::datetime:
            parse_fraction(tokens, "DATETIME");
            break;
        case Type::time:
            parse_fraction(tokens, "TIME");
            break;
        default:
            break;
    }
    if (tokens.sees_sign("(")) {
        fail_unsupported(tokens.place(),
                         fmt::format("{} has no length; leave it out", found->word));
    }
    return type;
}

std::vector<std::string_view> type_words() {
    std::vector<std::string_view> words;
    words.reserve(spellings.size());
    for (const Spelling& spelling : spellings) words.push_back(spelling.word);
    return words;
}

}  // namespace amphora::catalog
