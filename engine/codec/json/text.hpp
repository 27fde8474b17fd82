#pragma once

#include "base/bytes.hpp"

#include <fmt/format.h>

#include <concepts>
#include <string_view>

/// JSON as text: what all of its writers share.
namespace amphora::codec {

/// The text in quotes. Control characters, quotes and backslashes are escaped; UTF-8 stays as it
/// is.
void append_quoted(Buffer& json, std::string_view text);

/// The shortest digits that read back as the same number, with a point or an exponent, so that it
/// stays a double. A `float` has the shortest digits that read back as the same float: 4.3. The
/// exponent is written as in the BSON test corpus: 1.5E+20, 1E-7. The number must be finite.
void append_real(Buffer& json, double number);
void append_real(Buffer& json, float number);

/// Writes one object on one line, member by member.
///
///   JsonObjectText object{json};
///   object.text("op", "c");
///   append_real(object.member("total"), 1.5);
///   object.end();
class JsonObjectText {
  public:
    /// Appends to `json`, which must outlive it.
    explicit JsonObjectText(Buffer& json) : json_{json} { json_ += '{'; }
    JsonObjectText(const JsonObjectText&) = delete;
    JsonObjectText& operator=(const JsonObjectText&) = delete;

    /// Writes the name of the next member. The caller appends its value to what it returns.
    Buffer& member(std::string_view name);
    void text(std::string_view name, std::string_view value) { append_quoted(member(name), value); }
    template <std::integral Integer>
    requires(!std::same_as<Integer, bool>) void number(std::string_view name, Integer value) {
        const fmt::format_int digits{value};
        member(name).append(digits.data(), digits.size());
    }
    void boolean(std::string_view name, bool value) { member(name) += value ? "true" : "false"; }
    void null(std::string_view name) { member(name) += "null"; }
    void end() { json_ += '}'; }

  private:
    Buffer& json_;
    bool is_empty_ = true;
};

}  // namespace amphora::codec
