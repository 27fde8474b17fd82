#include "codec/json/parser.hpp"

#include "base/assert.hpp"
#include "codec/json/builder.hpp"

#include <amphora/error.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

// Boost.JSON's event parser does the grammar, for three reasons that were measured or read: it
// reports where it stopped; it refuses everything that RFC 8259 refuses, UTF-8 included; and with
// handlers that do nothing it reads the files that were tried at 780 to 1,380 MB/s, so most of the
// time is spent on writing BSON. Its doubles are not correctly rounded in version 1.81; therefore
// `on_double` reads the digits again.
namespace amphora::codec {

namespace json = boost::json;

/// The handlers that Boost calls. One that returns false must set an error; the builder has the
/// words.
class JsonEvents {
  public:
    using error_code = json::error_code;
    using Text = json::string_view;

    // Boost requires these names. They are unbounded because the builder has its own limits.
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;

    JsonBuilder builder;
    LargeIntegers large_integers = LargeIntegers::refused;

    bool on_document_begin(error_code&) {
        builder.restart();
        digits_.clear();
        return true;
    }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code& error) { return proceed(builder.begin_object(), error); }
    bool on_object_end(std::size_t, error_code& error) {
        return proceed(builder.end_object(), error);
    }
    bool on_array_begin(error_code& error) { return proceed(builder.begin_array(), error); }
    bool on_array_end(std::size_t, error_code& error) {
        return proceed(builder.end_array(), error);
    }
    bool on_key_part(Text part, std::size_t, error_code& error) {
        return proceed(builder.name_part(bytes(part)), error);
    }
    bool on_key(Text part, std::size_t, error_code& error) {
        return proceed(builder.name(bytes(part)), error);
    }
    bool on_string_part(Text part, std::size_t, error_code& error) {
        return proceed(builder.text_part(bytes(part)), error);
    }
    bool on_string(Text part, std::size_t, error_code& error) {
        return proceed(builder.text(bytes(part)), error);
    }
    bool on_number_part(Text part, error_code&) {
        digits_.append(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t number, Text last, error_code& error) {
        // An integer zero has no sign; a double zero has.
        const bool minus_zero = number == 0 && (digits_.starts_with('-') || last.starts_with('-'));
        digits_.clear();
        return proceed(minus_zero ? builder.real(-0.0) : builder.integer(number), error);
    }
    bool on_uint64(std::uint64_t, Text last, error_code& error) {
        digits_.append(last.data(), last.size());
        return proceed(large_integer(), error);
    }
    bool on_double(double approximate, Text last, error_code& error) {
        digits_.append(last.data(), last.size());
        if (digits_.find_first_of(".eE") == std::string::npos) {
            return proceed(large_integer(), error);
        }
        double number = 0;
        const auto status =
            std::from_chars(digits_.data(), digits_.data() + digits_.size(), number).ec;
        const bool too_large = status != std::errc{} && std::abs(approximate) > 1;
        if (status != std::errc{}) number = std::copysign(0.0, digits_[0] == '-' ? -1.0 : 1.0);
        digits_.clear();
        return proceed(too_large ? builder.refuse("a number beyond the range of a double")
                                 : builder.real(number),
                       error);
    }
    bool on_bool(bool value, error_code& error) { return proceed(builder.boolean(value), error); }
    bool on_null(error_code& error) { return proceed(builder.null(), error); }
    bool on_comment_part(Text, error_code&) { return true; }
    bool on_comment(Text, error_code&) { return true; }

  private:
    static Bytes bytes(Text text) noexcept { return {text.data(), text.size()}; }
    static bool proceed(bool yes, error_code& error) {
        if (!yes) [[unlikely]] {
            error = make_error_code(json::error::test_failure);
        }
        return yes;
    }

    /// A whole number that does not fit int64.
    bool large_integer() {
        const std::string digits = std::exchange(digits_, {});
        const bool decimals = large_integers == LargeIntegers::decimals;
        const auto decimal = decimals ? Decimal128::parse(digits) : std::nullopt;
        if (decimal) return builder.decimal(*decimal);
        return builder.refuse(fmt::format(
            "the whole number {} is beyond {}", shortened(digits),
            decimals ? "the 34 digits of a decimal"
                     : "64 bits: write it as {\"$numberDecimal\": \"...\"}, or with a point or an "
                       "exponent if a double will do; or read large integers as decimals"));
    }
    static std::string shortened(const std::string& digits) {
        constexpr std::size_t shown = 40;
        return digits.size() <= shown ? digits : digits.substr(0, shown) + "...";
    }

    std::string digits_;  // the digits of a number, as far as they came before its last part
};

class JsonReading {
    // The objects that express typed values are no levels in BSON. Code with a scope whose names
    // must be escaped needs the most: four levels for one. An object id in a document pointer needs
    // three more.
    static constexpr std::size_t depth_max = 4 * document_depth_max + 3;

  public:
    explicit JsonReading(const JsonOptions& options) : parser{{.max_depth = depth_max}} {
        parser.handler().large_integers = options.large_integers;
    }

    json::basic_parser<JsonEvents> parser;
};

namespace {

/// A name at `offset` that lacks its quotes, as in {user_id: 1}; empty: there is none.
Bytes bare_name(Bytes text, std::size_t offset) {
    constexpr Bytes blanks = " \t\r\n";
    const std::size_t before = text.substr(0, offset).find_last_not_of(blanks);
    if (before == Bytes::npos || (text[before] != '{' && text[before] != ',')) return {};
    const auto in_name = [](char letter) {
        return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
               (letter >= 'A' && letter <= 'Z') || letter == '_' || letter == '$' || letter == '.';
    };
    std::size_t end = offset;
    while (end < text.size() && in_name(text[end])) ++end;
    const std::size_t after = text.find_first_not_of(blanks, end);
    if (after == Bytes::npos || text[after] != ':') return {};
    return text.substr(offset, end - offset);
}

/// The mistake, for people. The parser's own words are too few to act on.
std::string reason(const json::error_code& error, Bytes text, std::size_t offset) {
    if (error == json::error::incomplete) {
        return offset == 0 || text.find_first_not_of(" \t\r\n") == Bytes::npos
                   ? "no value at all"
                   : "the text ends in the middle of a value";
    }
    if (error == json::error::too_deep) return "nested deeper than 100 levels";
    if (error == json::error::exponent_overflow) return "a number beyond the range of a double";
    if (error == json::error::illegal_leading_surrogate ||
        error == json::error::illegal_trailing_surrogate ||
        error == json::error::expected_utf16_escape) {
        return "half a surrogate pair";
    }
    if (error == json::error::expected_hex_digit) return "\\u without four hexadecimal digits";
    if (error != json::error::syntax || offset >= text.size()) return error.message();
    const auto letter = static_cast<unsigned char>(text[offset]);
    if (letter >= 0x80) return fmt::format("byte {:#04x} out of place, or not UTF-8", letter);
    if (letter < 0x20) return fmt::format("control character {:#04x} out of place", letter);
    if (letter == '\'') return "a single quote; write names and texts in double quotes";
    if (const Bytes name = bare_name(text, offset); !name.empty()) {
        return fmt::format("the name {} without double quotes; write \"{}\"", name, name);
    }
    const Bytes rest = text.substr(offset);
    const bool word =
        rest.starts_with("true") || rest.starts_with("false") || rest.starts_with("null");
    if (!word && Bytes{"tfn"}.find(text[offset]) != Bytes::npos) {
        return "a word that is none of true, false, null";
    }
    return fmt::format("'{}' out of place", text[offset]);
}

}  // namespace

JsonParser::JsonParser(const JsonOptions& options)
    : reading_{std::make_unique<JsonReading>(options)} {}
JsonParser::~JsonParser() = default;

std::string JsonParser::place(Bytes text, std::size_t offset) const {
    return describe(place_of(text, offset, start_));
}

void JsonParser::begin(TextPosition start) {
    reading_->parser.reset();
    start_ = start;
    taken_ = 0;
}

std::optional<std::size_t> JsonParser::read_some(Bytes so_far, Input input) {
    AMPHORA_ASSERT(so_far.size() >= taken_);
    auto& parser = reading_->parser;
    const Bytes piece = so_far.substr(taken_);
    json::error_code error;
    const std::size_t read =
        parser.write_some(input == Input::more_may_come, piece.data(), piece.size(), error);
    AMPHORA_ASSERT(error || parser.done() || read == piece.size());
    taken_ += read;
    if (!error) return parser.done() ? std::optional{taken_} : std::nullopt;
    const std::string& fault = parser.handler().builder.fault();
    throw Error{ErrorCode::malformed_json,
                fmt::format("JSON {}: {}", place(so_far, taken_),
                            fault.empty() ? reason(error, so_far, taken_) : fault)};
}

void JsonParser::read(Bytes text) {
    begin({});
    const std::optional<std::size_t> end = read_some(text, Input::has_ended);
    AMPHORA_ASSERT(end);
    if (*end == text.size()) return;
    throw Error{ErrorCode::malformed_json,
                fmt::format("JSON {}: something follows the value", place(text, *end))};
}

Document JsonParser::built() const {
    const JsonBuilder& built = reading_->parser.handler().builder;
    if (built.type() != BsonType::document) {
        throw Error{ErrorCode::malformed_json,
                    fmt::format("JSON {}: a document is an object, and this is of type {}",
                                place({}, 0), to_string(built.type()))};
    }
    Document document;
    document.bytes_ = built.bytes();
    document.depth_ = static_cast<std::uint8_t>(built.depth());
    return document;
}

Document JsonParser::document(Bytes text) {
    read(text);
    return built();
}

BsonValue JsonParser::value(Bytes text) {
    read(text);
    const JsonBuilder& built = reading_->parser.handler().builder;
    return BsonValue{built.type(), std::string{built.bytes()}, built.depth()};
}

}  // namespace amphora::codec

namespace amphora {

Document Document::from_json(std::string_view text, const JsonOptions& options) {
    return codec::JsonParser{options}.document(text);
}

BsonValue BsonValue::from_json(std::string_view text, const JsonOptions& options) {
    return codec::JsonParser{options}.value(text);
}

}  // namespace amphora
