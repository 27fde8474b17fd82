#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "codec/key/format.hpp"
#include "codec/key/number.hpp"
#include "codec/row.hpp"

#include <amphora/cell.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace amphora::codec {

/// Reads a key element by element, without a schema.
///
///   KeyReader key{bytes};
///   while (key.next()) print(key.kind(), key.cell());
///
/// An object, array or code with scope is one element, followed by its contents and an `end`;
/// `skip` passes all of them. Every call throws `corrupt` for bytes that no writer wrote. A limited
/// key ends inside an element: read its fields from the row instead (see `is_limited`).
class KeyReader {
  public:
    explicit KeyReader(Bytes key);

    [[nodiscard]] SpaceId space() const noexcept { return space_; }

    /// Moves to the next element, also into objects and arrays. False at the end of the key.
    [[nodiscard]] bool next();
    /// Passes whole elements of the outermost level. The reader must be between two of them.
    void skip(std::size_t elements = 1);

    [[nodiscard]] KeyKind kind() const noexcept { return kind_; }
    [[nodiscard]] KeyOrder order() const noexcept {
        return mask_ == 0 ? KeyOrder::ascending : KeyOrder::descending;
    }
    [[nodiscard]] int depth() const noexcept { return static_cast<int>(open_.size()); }
    /// Whether the element is a field of an object or scope, and the field's name.
    [[nodiscard]] bool is_named() const noexcept { return is_named_; }
    [[nodiscard]] Bytes name() const noexcept { return name_; }

    // The value of the element. It is valid until the next step; text points into the key where
    // possible. Each function is valid for the kinds named; anything else is a bug of the caller.
    [[nodiscard]] const KeyNumber& number() const noexcept { return number_; }
    /// Of text, blob, binary, object_id, code, code_with_scope; of a regex the pattern, of a
    /// db_pointer the collection.
    [[nodiscard]] Bytes text() const noexcept { return text_; }
    [[nodiscard]] Bytes regex_options() const noexcept { return second_; }
    [[nodiscard]] Bytes db_pointer_id() const noexcept { return second_; }
    [[nodiscard]] std::uint8_t subtype() const noexcept { return subtype_; }
    [[nodiscard]] bool boolean() const noexcept { return integer_ != 0; }
    [[nodiscard]] std::uint64_t timestamp() const noexcept {
        return static_cast<std::uint64_t>(integer_);
    }
    /// Of a datetime: whether it is in the range of DateTime's microseconds. Only BSON dates can be
    /// outside; `date_ms` returns them.
    [[nodiscard]] bool is_datetime() const noexcept { return in_range_; }
    [[nodiscard]] std::int64_t date_ms() const noexcept;

    /// The element as a cell: null, boolean, number, text, blob, datetime, date, time, enumeration.
    /// A number becomes an integer if it is one, else a real if a double holds it, else a decimal.
    /// Throws `corrupt` for other kinds and for numbers that fit no cell.
    [[nodiscard]] Cell cell() const;
    /// The element as the column's type has it: 2 is a real in a FLOAT, 0.5 a decimal in a DECIMAL.
    [[nodiscard]] Cell cell(RowType type) const;

    /// The elements that have not been read, for `KeyWriter::raw`. After `skip(2)`, for example,
    /// this is the primary key in an index entry of two columns. The reader must be between
    /// elements of the outermost level.
    [[nodiscard]] Bytes rest() const noexcept { return {key_.data() + at_, key_.size() - at_}; }
    [[nodiscard]] bool at_end() const noexcept { return at_ == key_.size(); }
    [[nodiscard]] std::size_t offset() const noexcept { return at_; }

    /// Throws `corrupt`. For callers that read a valid element where no writer puts it. The message
    /// names what was expected, and the offset.
    [[noreturn]] void damaged(std::string_view expected) const;

  private:
    [[nodiscard]] std::uint8_t peek() const;
    std::uint8_t take();
    [[nodiscard]] std::uint64_t big(std::size_t bytes);
    [[nodiscard]] Bytes plain(std::size_t bytes, std::string& scratch);
    [[nodiscard]] Bytes escaped(std::string& scratch);
    void read_value(std::uint8_t tag);
    void read_number();
    void read_binary();
    void read_datetime(std::uint8_t tag);
    void open(char what);
    [[nodiscard]] std::int64_t read_flipped(std::size_t bytes);

    Bytes key_;
    std::size_t at_ = 0;
    SpaceId space_{};
    std::uint8_t mask_ = 0;  // ff in a descending element, to complement its bytes
    KeyKind kind_ = KeyKind::end;
    std::uint8_t subtype_ = 0;
    bool in_range_ = true;
    bool is_named_ = false;
    std::int64_t integer_ = 0;
    KeyNumber number_;
    Bytes name_, text_, second_;
    std::string open_;  // the open containers: 'o' with names, 'a' without
    std::string name_scratch_, text_scratch_, second_scratch_;
};

}  // namespace amphora::codec
