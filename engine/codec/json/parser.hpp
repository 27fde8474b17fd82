#pragma once

#include "base/bytes.hpp"
#include "codec/json/text_position.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

/// Reads JSON text (RFC 8259, UTF-8), with Extended JSON, directly into BSON.
///
/// Whole numbers become int32 if they fit, else int64, else what `JsonOptions` says. -0 and numbers
/// with a point or an exponent become the nearest double, correctly rounded. Refused are: a number
/// beyond the range of double, a name that occurs twice in an object, a name with a NUL in it, half
/// a surrogate pair, nesting beyond `document_depth_max`, and more than `document_bytes_max` of
/// BSON.
namespace amphora::codec {

class JsonReading;

/// Reads one text after another. A parser that is kept reuses its memory. Used by one thread at a
/// time.
class JsonParser {
  public:
    explicit JsonParser(const JsonOptions& options = {});
    ~JsonParser();
    JsonParser(const JsonParser&) = delete;
    JsonParser& operator=(const JsonParser&) = delete;

    /// A text with exactly one object. Throws `malformed_json` with line, column and reason.
    [[nodiscard]] Document document(Bytes text);

    /// A text with exactly one value of any type.
    [[nodiscard]] BsonValue value(Bytes text);

    /// A document at the beginning of a stream, whose end is not known yet. Call `begin`, then
    /// `read_some` with the text that has come so far, each time with more, until it returns the
    /// size of the document; then `built`. White space after the document may be counted with it.
    /// No byte is read twice.
    void begin(TextPosition start);
    enum class Input : std::uint8_t { more_may_come, has_ended };
    [[nodiscard]] std::optional<std::size_t> read_some(Bytes so_far, Input input);
    [[nodiscard]] Document built() const;

  private:
    void read(Bytes text);
    [[nodiscard]] std::string place(Bytes text, std::size_t offset) const;

    std::unique_ptr<JsonReading> reading_;
    TextPosition start_;
    std::size_t taken_ = 0;  // of the text so far
};

}  // namespace amphora::codec
