#include "codec/json/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

namespace amphora::codec {

namespace {

template <class Real>
void append_digits(Buffer& json, Real number) {
    constexpr double exponent_from = 1e16;
    constexpr double exponent_below = 1e-5;
    const double size = std::abs(static_cast<double>(number));
    const bool plain = size == 0 || (size >= exponent_below && size < exponent_from);
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                   plain ? std::chars_format::fixed : std::chars_format::scientific)
                         .ptr;
    std::string text(digits.data(), end);
    if (plain) {
        if (text.find('.') == std::string::npos) text += ".0";
    } else {
        const std::size_t mark = text.find('e');
        text[mark] = 'E';
        // to_chars writes at least two digits: E-07.
        if (text[mark + 2] == '0') text.erase(mark + 2, 1);
    }
    json += text;
}

}  // namespace

void append_quoted(Buffer& json, std::string_view text) {
    json += '"';
    std::size_t plain = 0;  // the bytes from here to `at` need no escapes
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto letter = static_cast<unsigned char>(text[at]);
        if (letter >= 0x20 && letter != '"' && letter != '\\') continue;
        json += text.substr(plain, at - plain);
        plain = at + 1;
        switch (letter) {
            case '"':
                json += "\\\"";
                break;
            case '\\':
                json += "\\\\";
                break;
            case '\b':
                json += "\\b";
                break;
            case '\f':
                json += "\\f";
                break;
            case '\n':
                json += "\\n";
                break;
            case '\r':
                json += "\\r";
                break;
            case '\t':
                json += "\\t";
                break;
            default:
                fmt::format_to(std::back_inserter(json), "\\u{:04x}", letter);
        }
    }
    json += text.substr(plain);
    json += '"';
}

void append_real(Buffer& json, double number) {
    append_digits(json, number);
}
void append_real(Buffer& json, float number) {
    append_digits(json, number);
}

Buffer& JsonObjectText::member(std::string_view name) {
    if (!is_empty_) json_ += ", ";
    is_empty_ = false;
    append_quoted(json_, name);
    json_ += ": ";
    return json_;
}

}  // namespace amphora::codec
