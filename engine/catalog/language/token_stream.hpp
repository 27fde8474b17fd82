#pragma once

#include "catalog/language/lexer.hpp"
#include "catalog/language/syntax.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::catalog {

/// The tokens of one text, read from front to back with one or two tokens of look-ahead, for a
/// recursive-descent parser. Keywords are compared without regard to case.
///
/// A parser that looks at the same token for ever is stopped by an assertion.
class TokenStream {
  public:
    TokenStream(std::string_view text, std::string_view source);

    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const noexcept;
    const Token& take() noexcept;
    [[nodiscard]] bool at_end() const noexcept { return peek().kind == Token::Kind::end; }
    [[nodiscard]] const SourceLocation& place() const noexcept { return peek().place; }

    /// Whether the next tokens are these words; `accept` also takes them.
    [[nodiscard]] bool sees(std::initializer_list<std::string_view> words) const noexcept;
    bool accept(std::initializer_list<std::string_view> words) noexcept;
    [[nodiscard]] bool sees_sign(std::string_view sign) const noexcept;
    bool accept_sign(std::string_view sign) noexcept;

    /// Takes a token, or fails with "expected <what>, found ...".
    void expect_word(std::string_view word);
    void expect_sign(std::string_view sign);
    /// A name, quoted or not. `what` says of what: "the name of a table".
    syntax::Name expect_name(std::string_view what);
    std::uint32_t expect_number(std::string_view what, std::uint32_t low, std::uint32_t high);
    std::string expect_string(std::string_view what);

    /// "expected <what>, found <the next token>".
    [[noreturn]] void fail_expected(std::string_view what) const;
    /// If the next tokens begin a clause of SQL that is not enforced here, throws `unsupported`.
    void refuse_unsupported_clause() const;

    /// The text from one token to the end of the last one taken, without comments around it.
    [[nodiscard]] std::size_t mark() const noexcept { return at_; }
    [[nodiscard]] std::string text_since(std::size_t mark) const;

    /// Guards against nesting that would exhaust the stack.
    class Depth {
      public:
        explicit Depth(TokenStream& tokens);
        ~Depth() { --tokens_.depth_; }
        Depth(const Depth&) = delete;
        Depth& operator=(const Depth&) = delete;

      private:
        TokenStream& tokens_;
    };

  private:
    std::string_view text_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::uint32_t depth_ = 0;
    mutable std::uint32_t looks_ = 0;  // since the last token was taken
};

/// Whether a word has a meaning in the language, so that it must be quoted as a name.
[[nodiscard]] bool is_reserved(std::string_view word) noexcept;

/// `identifier_bytes_max` bounds every name, also generated ones.
inline constexpr std::size_t identifier_bytes_max = 255;

}  // namespace amphora::catalog
