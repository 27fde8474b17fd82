#pragma once

#include "base/bytes.hpp"
#include "codec/bson_writer.hpp"
#include "document/field_path.hpp"

#include <amphora/document.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace amphora::document {

struct MutableField;

/// A value that is being changed: a view of bytes until somebody looks inside, then a list of
/// fields. Names and views are kept by reference.
class MutableValue {
  public:
    /// Null.
    MutableValue();
    explicit MutableValue(BsonView value);
    [[nodiscard]] static MutableValue empty(BsonType type);

    [[nodiscard]] BsonType type() const noexcept { return value_.type(); }
    [[nodiscard]] bool is_document() const noexcept { return type() == BsonType::document; }
    [[nodiscard]] bool is_array() const noexcept { return type() == BsonType::array; }
    /// The value as bytes, written into `scratch` if it was changed inside.
    [[nodiscard]] BsonView view(Buffer& scratch) const;

    /// The fields of a document or the elements of an array (whose names say nothing).
    [[nodiscard]] std::vector<MutableField>& fields();
    [[nodiscard]] MutableValue* find(std::string_view name);

    /// Appends the value's bytes, without type and name. Throws `value_too_large` beyond 16 MiB or
    /// `document_depth_max` levels.
    void write(Buffer& out, int depth) const;

  private:
    BsonView value_;
    bool opened_ = false;
    std::vector<MutableField> fields_;
};

struct MutableField {
    std::string_view name;
    MutableValue value;
};

// Here, because they need to know what a field is.
inline MutableValue::MutableValue() = default;
inline MutableValue::MutableValue(BsonView value) : value_{value} {}

/// What stands at the path: fields of documents, positions in arrays. Null if there is nothing.
[[nodiscard]] MutableValue* find_at(MutableValue& root, const FieldPath& path);
/// The same, with documents made on the way and null for the last part where there is nothing.
/// Throws `type_mismatch` where the path leads through something else than documents and positions.
[[nodiscard]] MutableValue& make_at(MutableValue& root, const FieldPath& path);
/// Removes what stands at the path; in an array null takes its place.
void remove_at(MutableValue& root, const FieldPath& path);
/// Whether something is in the way of the path that has no fields, or not such ones.
[[nodiscard]] bool is_blocked(MutableValue& root, const FieldPath& path);
/// Whether the path leads through an array.
[[nodiscard]] bool meets_array(MutableValue& root, const FieldPath& path);

}  // namespace amphora::document
