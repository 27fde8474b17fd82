#include "catalog/language/lexer.hpp"

#include "base/assert.hpp"
#include "codec/utf8.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <array>

namespace amphora::catalog {

std::string to_string(const SourceLocation& place) {
    return fmt::format("{}:{}:{}", place.source, place.line, place.column);
}

void fail_syntax(const SourceLocation& place, std::string_view what) {
    throw Error{ErrorCode::schema_syntax, fmt::format("{}: {}", to_string(place), what)};
}

void fail_unsupported(const SourceLocation& place, std::string_view what) {
    throw Error{ErrorCode::unsupported, fmt::format("{}: {}", to_string(place), what)};
}

namespace {

constexpr std::size_t text_bytes_max = 16u << 20;

bool starts_word(char letter) noexcept {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_' ||
           static_cast<unsigned char>(letter) >= 0x80;
}
bool is_digit(char letter) noexcept {
    return letter >= '0' && letter <= '9';
}
bool continues_word(char letter) noexcept {
    return starts_word(letter) || is_digit(letter);
}

int hex_digit(char letter) noexcept {
    if (is_digit(letter)) return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
    return -1;
}

class Lexer {
  public:
    Lexer(std::string_view text, std::string_view source) : text_{text} { place_.source = source; }

    std::vector<Token> run() {
        if (text_.size() > text_bytes_max) {
            fail_syntax(place_, fmt::format("a schema text has at most {} bytes, this one has {}",
                                            text_bytes_max, text_.size()));
        }
        if (const auto bad = codec::find_invalid_utf8(text_)) {
            while (at_ < *bad) step();
            fail_syntax(place_, fmt::format("byte {:#04x} is not UTF-8",
                                            static_cast<unsigned char>(text_[*bad])));
        }
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
        if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();

        std::vector<Token> tokens;
        do {
            skip_blanks();
            const std::size_t before = at_;
            tokens.push_back(next());
            AMPHORA_ASSERT(at_ > before || tokens.back().kind == Token::Kind::end);
        } while (tokens.back().kind != Token::Kind::end);
        return tokens;
    }

  private:
    [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }
    [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    char step() noexcept {
        AMPHORA_ASSERT(!at_end());
        const char letter = text_[at_++];
        if (letter == '\n') {
            ++place_.line;
            place_.column = 1;
        } else if (at_ == text_.size() || (static_cast<unsigned char>(text_[at_]) & 0xC0) != 0x80) {
            ++place_.column;  // a character ends here
        }
        return letter;
    }

    void skip_blanks() {
        while (!at_end()) {
            const char letter = peek();
            if (letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r') {
                step();
            } else if (letter == '-' && peek(1) == '-') {
                while (!at_end() && peek() != '\n') step();
            } else if (letter == '/' && peek(1) == '*') {
                skip_comment();
            } else {
                return;
            }
        }
    }

    void skip_comment() {
        const SourceLocation start = place_;
        step();
        step();
        while (!(peek() == '*' && peek(1) == '/')) {
            if (at_end()) fail_syntax(start, "this comment has no end: expected '*/'");
            step();
        }
        step();
        step();
    }

    Token next() {
        Token token;
        token.place = place_;
        token.begin = at_;
        const char letter = peek();
        if (at_end()) {
            token.kind = Token::Kind::end;
        } else if (letter == '\'') {
            token.kind = Token::Kind::string;
            token.text = between('\'', "this text has no end: expected \"'\"");
        } else if (letter == '"' || letter == '`') {
            token.kind = Token::Kind::quoted;
            token.text = between(letter, "this quoted name has no end");
            if (token.text.empty()) fail_syntax(token.place, "a name cannot be empty");
            // The name of a declared field is a name in BSON, which NUL ends.
            if (token.text.find('\0') != std::string::npos) {
                fail_syntax(token.place, "a name cannot have a NUL in it");
            }
        } else if ((letter == 'x' || letter == 'X') && peek(1) == '\'') {
            token.kind = Token::Kind::blob;
            token.text = blob();
        } else if (starts_word(letter)) {
            token.kind = Token::Kind::word;
            while (continues_word(peek())) token.text += step();
        } else if (is_digit(letter) || (letter == '.' && is_digit(peek(1)))) {
            token.kind = Token::Kind::number;
            token.text = number();
        } else {
            token.kind = Token::Kind::sign;
            token.text = sign();
        }
        token.end = at_;
        return token;
    }

    std::string between(char quote, std::string_view unterminated) {
        const SourceLocation start = place_;
        std::string content;
        step();
        while (true) {
            if (at_end()) fail_syntax(start, unterminated);
            const char letter = step();
            if (letter != quote) {
                content += letter;
            } else if (peek() == quote) {
                content += step();  // a doubled quote means one
            } else {
                return content;
            }
        }
    }

    std::string blob() {
        const SourceLocation start = place_;
        step();
        const std::string digits = between('\'', "this blob has no end: expected \"'\"");
        std::string bytes;
        if (digits.size() % 2 != 0) fail_syntax(start, "a blob has two digits for each byte");
        for (std::size_t i = 0; i < digits.size(); i += 2) {
            const int high = hex_digit(digits[i]);
            const int low = hex_digit(digits[i + 1]);
            if (high < 0 || low < 0) fail_syntax(start, "a blob is written in hexadecimal digits");
            bytes += static_cast<char>(high * 16 + low);
        }
        return bytes;
    }

    std::string number() {
        const SourceLocation start = place_;
        std::string digits;
        while (is_digit(peek())) digits += step();
        if (peek() == '.') {
            digits += step();
            while (is_digit(peek())) digits += step();
        }
        if (peek() == 'e' || peek() == 'E') {
            digits += step();
            if (peek() == '+' || peek() == '-') digits += step();
            if (!is_digit(peek())) fail_syntax(start, "this number's exponent has no digits");
            while (is_digit(peek())) digits += step();
        }
        if (continues_word(peek())) {
            fail_syntax(start, "a name cannot begin with a digit; put it in double quotes");
        }
        return digits;
    }

    std::string sign() {
        constexpr std::array<std::string_view, 4> pairs{"<>", "<=", ">=", "!="};
        for (const std::string_view pair : pairs) {
            if (text_.substr(at_, 2) == pair) {
                step();
                step();
                return std::string{pair == "!=" ? "<>" : pair};
            }
        }
        constexpr std::string_view signs = "(),;.=<>+-*/";
        if (signs.find(peek()) == std::string_view::npos) {
            fail_syntax(place_, fmt::format("unexpected character '{}'", readable(peek())));
        }
        return std::string{step()};
    }

    static std::string readable(char letter) {
        if (letter >= 0x20 && letter < 0x7F) return std::string{letter};
        return fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    SourceLocation place_;
};

}  // namespace

std::vector<Token> lex(std::string_view text, std::string_view source) {
    return Lexer{text, source}.run();
}

}  // namespace amphora::catalog
