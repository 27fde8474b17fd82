#pragma once

#include "base/bytes.hpp"
#include "document/collection/collections.hpp"
#include "document/collection/stored_document.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <optional>
#include <vector>

/// A document in the form in which its collection stores it: the _id first, declared fields in
/// their types, missing fields with a DEFAULT added at the end.
namespace amphora::document {

enum class Absent : std::uint8_t {
    takes_default,  ///< insert, put
    stays_absent,   ///< update
};

/// Made for one statement; takes one document after another.
class Shape {
  public:
    /// `now_ms` is the value of DEFAULT NOW().
    Shape(const BoundCollection& collection, std::int64_t now_ms)
        : collection_{collection}, now_ms_{now_ms} {}

    /// Throws the errors that statement.hpp lists for types, NOT NULL and CHECK, and
    /// `invalid_argument` for an impossible _id and for a declared field that occurs twice. The
    /// document must be valid BSON.
    void take(DocumentView given, Absent absent);

    /// The document as it is stored. Valid until the next `take`.
    [[nodiscard]] DocumentView document() const noexcept { return DocumentView{bytes_}; }
    /// The same, with its declared fields.
    [[nodiscard]] StoredDocument stored() const noexcept { return {document(), declared_}; }
    [[nodiscard]] BsonView id() const noexcept { return at(id_); }
    /// Whether `take` had to make the _id.
    [[nodiscard]] bool made_id() const noexcept { return made_id_; }

  private:
    struct Value {
        BsonType type = BsonType::null;
        bool present = false;
        std::uint32_t offset = 0;
        std::uint32_t size = 0;
    };

    [[nodiscard]] BsonView at(const Value& value) const noexcept {
        return BsonView{value.type, Bytes{bytes_}.substr(value.offset, value.size)};
    }
    Value append(Bytes name, BsonView value);
    [[nodiscard]] bool build(DocumentView given, Absent absent, std::optional<BsonView> id);
    void append_field(std::size_t place, BsonView value);
    void append_defaults();
    void check() const;

    const BoundCollection& collection_;
    const std::int64_t now_ms_;
    Buffer bytes_;
    Value id_;
    bool made_id_ = false;
    std::vector<Value> fields_;       // positions, while the buffer may still grow
    std::vector<BsonView> declared_;  // the same fields, once it does not grow any more
};

}  // namespace amphora::document
