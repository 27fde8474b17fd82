#pragma once

#include "base/bytes.hpp"
#include "codec/bson/writer.hpp"
#include "document/collection/field_path.hpp"

#include <amphora/document.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace amphora::document {

struct MutableField;

/// A value that is being changed: a view of bytes until its contents are needed, then a list of
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
    /// The value as bytes; written into `scratch` if its contents were changed.
    [[nodiscard]] BsonView view(Buffer& scratch) const;

    /// The fields of a document or the elements of an array (whose names have no meaning).
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

// Defined here, because they need the complete MutableField.
inline MutableValue::MutableValue() = default;
inline MutableValue::MutableValue(BsonView value) : value_{value} {}

/// The value at the path: fields of documents, positions in arrays. Null if there is none.
[[nodiscard]] MutableValue* find_at(MutableValue& root, const FieldPath& path);
/// The value at the path. Missing documents on the way are made, and a missing last part becomes
/// null. Throws `type_mismatch` where the path leads through anything but documents and positions.
[[nodiscard]] MutableValue& make_at(MutableValue& root, const FieldPath& path);
/// Removes the value at the path; in an array null replaces it.
void remove_at(MutableValue& root, const FieldPath& path);
/// Whether the path is blocked by a value that has no fields, or not these.
[[nodiscard]] bool is_blocked(MutableValue& root, const FieldPath& path);
/// Whether the path leads through an array.
[[nodiscard]] bool meets_array(MutableValue& root, const FieldPath& path);

}  // namespace amphora::document
