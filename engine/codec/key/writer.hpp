#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "codec/key/format.hpp"
#include "codec/key/number.hpp"

#include <amphora/cell.hpp>
#include <amphora/types.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace amphora::codec {

/// Writes a key: the space, then one element after another. See ordered_key.hpp for the bytes.
///
///   KeyWriter key{index.space};
///   key.integer(user_id).order(KeyOrder::descending).datetime(at);
///   tree.find(key.bytes());
///
/// Short keys need no allocation. One writer can write many keys (`restart`).
class KeyWriter {
  public:
    explicit KeyWriter(SpaceId space) { restart(space); }
    KeyWriter(const KeyWriter&) = delete;
    KeyWriter& operator=(const KeyWriter&) = delete;

    /// Begins another key. What `bytes` returned becomes invalid. The order is ascending again.
    void restart(SpaceId space) noexcept;

    /// The order of the elements that follow. Not inside of an object or array.
    KeyWriter& order(KeyOrder order) noexcept;

    // Scalars.
    KeyWriter& null() { return bare(tag::null); }
    KeyWriter& min_key() { return bare(tag::min_key); }
    KeyWriter& max_key() { return bare(tag::max_key); }
    KeyWriter& undefined() { return bare(tag::undefined); }
    KeyWriter& boolean(bool value) { return bare(value ? tag::yes : tag::no); }
    KeyWriter& integer(std::int64_t value);  ///< also for int32
    KeyWriter& real(double value);
    KeyWriter& decimal(const Decimal& value);
    KeyWriter& decimal128(std::span<const std::uint8_t, 16> bytes);
    KeyWriter& decimal128(Bytes bytes);  ///< 16 of them
    KeyWriter& number(const KeyNumber& value);
    KeyWriter& text(Bytes value);                          ///< also for BSON symbols
    KeyWriter& blob(Bytes value);                          ///< SQL: in the order of its bytes
    KeyWriter& binary(std::uint8_t subtype, Bytes value);  ///< BSON: shorter ones first
    KeyWriter& object_id(std::span<const std::uint8_t, 12> bytes);
    KeyWriter& object_id(Bytes bytes);  ///< 12 of them
    KeyWriter& datetime(DateTime value);
    KeyWriter& date_ms(
        std::int64_t milliseconds);  ///< the same bytes as the same instant as DATETIME
    KeyWriter& timestamp(
        std::uint64_t value);  ///< seconds in the upper half, increment in the lower
    KeyWriter& regex(Bytes pattern, Bytes options);
    KeyWriter& code(Bytes text);
    KeyWriter& db_pointer(Bytes collection, Bytes id);
    KeyWriter& date(Date value);
    KeyWriter& time(Time value);
    KeyWriter& enumeration(std::int64_t place);  ///< 0 to 65535
    /// Any of the above by the cell's kind; `absent` is a bug of the caller.
    KeyWriter& cell(const Cell& value);

    // Objects, arrays and scopes: begin, then a name before each value (not in arrays), then end.
    KeyWriter& begin_object();
    KeyWriter& begin_array();
    KeyWriter& begin_code_with_scope(Bytes code);
    KeyWriter& field(Bytes name);
    KeyWriter& end();

    /// Whole elements of another key, as `KeyReader::rest` and `element` return them.
    KeyWriter& raw(Bytes elements);

    /// The key so far; valid until something is written.
    [[nodiscard]] Bytes bytes() const noexcept { return {data_, size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] Buffer take() const { return Buffer{data_, size_}; }

  private:
    static constexpr std::size_t inline_bytes = 160;

    // Makes room for `bytes` more at the end, and returns the end.
    char* room(std::size_t bytes) {
        if (capacity_ - size_ < bytes) [[unlikely]] {
            grow(bytes);
        }
        return data_ + size_;
    }
    void grow(std::size_t bytes);
    KeyWriter& finish(char* from, char* to) noexcept;
    KeyWriter& bare(std::uint8_t kind);
    KeyWriter& eight(std::uint8_t kind, std::uint64_t value);
    KeyWriter& escaped(std::uint8_t kind, Bytes value);
    KeyWriter& begin(std::uint8_t kind);
    void complement(std::size_t from) noexcept;

    char* data_ = inline_;
    std::size_t size_ = 0;
    std::size_t capacity_ = inline_bytes;
    std::unique_ptr<char[]> heap_;
    std::size_t outermost_ = 0;  // where the outermost open object or array begins
    std::size_t field_kind_at_ =
        0;  // where the kind of the field's value is to be noted; 0: nowhere
    int depth_ = 0;
    bool descending_ = false;
    char inline_[inline_bytes];
};

}  // namespace amphora::codec
