#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Schema text as words, literals and signs, each with its place.
namespace amphora::catalog {

/// A position in a schema text, for messages: "mission.sql:12:8".
struct SourceLocation {
    std::string_view source;
    std::uint32_t line = 1;
    std::uint32_t column = 1;  ///< in characters, from 1
};
[[nodiscard]] std::string to_string(const SourceLocation& place);

/// Throws `schema_syntax` with "<place>: <what>".
[[noreturn]] void fail_syntax(const SourceLocation& place, std::string_view what);
/// Throws `unsupported` with "<place>: <what>".
[[noreturn]] void fail_unsupported(const SourceLocation& place, std::string_view what);

struct Token {
    enum class Kind : std::uint8_t {
        word,    ///< a name or a keyword, as written
        quoted,  ///< "a name" or `a name`; `text` is between the quotes
        string,  ///< 'text'; in `text` each '' is one quote
        blob,    ///< X'00ff'; `text` is the bytes
        number,  ///< digits, perhaps with a point or an exponent
        sign,    ///< ( ) , ; . = <> < <= > >= + - * /
        end,
    };
    Kind kind = Kind::end;
    std::string text;
    SourceLocation place;
    std::size_t begin = 0, end = 0;  ///< offsets into the text
};

/// The last token is always `end`. `source` must outlive the tokens. Throws `schema_syntax`.
[[nodiscard]] std::vector<Token> lex(std::string_view text, std::string_view source);

}  // namespace amphora::catalog
