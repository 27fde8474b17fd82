#pragma once

#include "base/bytes.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

/// Fixed-size fields of the journal's blocks: little-endian, one after another, no padding.
namespace amphora::journal {

static_assert(std::endian::native == std::endian::little, "the journal's fields are little-endian");

class FieldWriter {
  public:
    explicit FieldWriter(char* at) noexcept : at_{at} {}

    template <class Field>
    FieldWriter& put(const Field& field) noexcept {
        static_assert(std::is_trivially_copyable_v<Field>);
        std::memcpy(at_, &field, sizeof field);
        at_ += sizeof field;
        return *this;
    }

  private:
    char* at_;
};

class FieldReader {
  public:
    explicit FieldReader(Bytes bytes) noexcept : at_{bytes.data()} {}

    template <class Field>
    FieldReader& take(Field& field) noexcept {
        static_assert(std::is_trivially_copyable_v<Field>);
        std::memcpy(&field, at_, sizeof field);
        at_ += sizeof field;
        return *this;
    }

  private:
    const char* at_;
};

}  // namespace amphora::journal
