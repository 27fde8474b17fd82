#pragma once

#include "base/bytes.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <memory>

/// JSON text (RFC 8259, UTF-8) straight into BSON, Extended JSON included.
///
/// Whole numbers become int32 if they fit, else int64, else double; numbers with a point or an
/// exponent become the nearest double, correctly rounded; one beyond the range of double is
/// refused. A name that occurs twice in an object is refused, and so is a name with a NUL in it,
/// half a surrogate pair, nesting beyond `document_depth_max` and more than `document_bytes_max` of
/// BSON.
namespace amphora::codec {

class JsonReading;

/// Reads one text after another; keeping the parser saves its memory being made anew. Used by one
/// thread at a time.
class JsonParser {
  public:
    JsonParser();
    ~JsonParser();
    JsonParser(const JsonParser&) = delete;
    JsonParser& operator=(const JsonParser&) = delete;

    /// A text with exactly one object. Throws `malformed_json` with line, column and reason; the
    /// text's first line counts as `line`.
    [[nodiscard]] Document document(Bytes text, std::uint64_t line = 1);

    /// A text with exactly one value of any type.
    [[nodiscard]] BsonValue value(Bytes text, std::uint64_t line = 1);

  private:
    void read(Bytes text, std::uint64_t line);

    std::unique_ptr<JsonReading> reading_;
};

}  // namespace amphora::codec
