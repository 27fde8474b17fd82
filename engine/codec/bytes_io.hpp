#pragma once

#include "base/bytes.hpp"
#include "codec/varint.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

/// Fixed-width little-endian numbers, varints and counted bytes: the numbers in everything that is
/// stored, except keys. Appending cannot fail; `BytesReader` never reads past its end.
namespace amphora::codec {

static_assert(std::endian::native == std::endian::little,
              "the stored formats are written for little-endian machines");

/// The number at `from`, at any alignment. The caller has checked that all its bytes are there.
template <class T>
[[nodiscard]] inline T load_little(const char* from) noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}
template <class T>
inline void store_little(char* to, T value) noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memcpy(to, &value, sizeof value);
}
/// Most significant byte first, as in keys.
[[nodiscard]] inline std::uint64_t load_big64(const char* from) noexcept {
    return __builtin_bswap64(load_little<std::uint64_t>(from));
}
inline void store_big64(char* to, std::uint64_t value) noexcept {
    store_little(to, __builtin_bswap64(value));
}
[[nodiscard]] inline std::uint32_t load_big32(const char* from) noexcept {
    return __builtin_bswap32(load_little<std::uint32_t>(from));
}
inline void store_big32(char* to, std::uint32_t value) noexcept {
    store_little(to, __builtin_bswap32(value));
}

template <class T>
inline void append_little(Buffer& out, T value) {
    char bytes[sizeof value];
    store_little(bytes, value);
    out.append(bytes, sizeof bytes);
}
inline void append_u8(Buffer& out, std::uint8_t value) {
    out.push_back(static_cast<char>(value));
}
inline void append_u16(Buffer& out, std::uint16_t value) {
    append_little(out, value);
}
inline void append_u32(Buffer& out, std::uint32_t value) {
    append_little(out, value);
}
inline void append_u64(Buffer& out, std::uint64_t value) {
    append_little(out, value);
}
inline void append_i64(Buffer& out, std::int64_t value) {
    append_little(out, value);
}
inline void append_zigzag(Buffer& out, std::int64_t value) {
    append_varint(out, to_zigzag(value));
}
/// The length as a varint, then the bytes.
inline void append_counted(Buffer& out, Bytes bytes) {
    append_varint(out, bytes.size());
    out.append(bytes);
}

/// Reads what the functions above wrote, front to back. Throws `corrupt` for missing bytes and
/// impossible numbers; the message names `what` is read, and the offset.
class BytesReader {
  public:
    /// `what` completes "... is damaged at offset 12", for example "commit record". It must outlive
    /// the reader.
    BytesReader(Bytes bytes, std::string_view what) noexcept : bytes_{bytes}, what_{what} {}

    [[nodiscard]] std::uint8_t u8() { return little<std::uint8_t>(); }
    [[nodiscard]] std::uint16_t u16() { return little<std::uint16_t>(); }
    [[nodiscard]] std::uint32_t u32() { return little<std::uint32_t>(); }
    [[nodiscard]] std::uint64_t u64() { return little<std::uint64_t>(); }
    [[nodiscard]] std::int64_t i64() { return little<std::int64_t>(); }
    template <class T>
    [[nodiscard]] T little() {
        return load_little<T>(bytes(sizeof(T)).data());
    }
    [[nodiscard]] std::uint64_t varint() {
        Bytes left = rest();
        std::uint64_t value = 0;
        if (!take_varint(left, value)) [[unlikely]] {
            damaged("a number");
        }
        at_ = bytes_.size() - left.size();
        return value;
    }
    [[nodiscard]] std::int64_t zigzag() { return from_zigzag(varint()); }
    /// The next `count` bytes, in place.
    [[nodiscard]] Bytes bytes(std::size_t count) {
        if (count > bytes_.size() - at_) [[unlikely]] {
            damaged("more bytes");
        }
        const Bytes result{bytes_.data() + at_, count};
        at_ += count;
        return result;
    }
    [[nodiscard]] Bytes counted() {
        const std::uint64_t count = varint();
        if (count > bytes_.size() - at_) [[unlikely]] {
            damaged("more bytes");
        }
        return bytes(static_cast<std::size_t>(count));
    }

    [[nodiscard]] std::size_t offset() const noexcept { return at_; }
    [[nodiscard]] bool at_end() const noexcept { return at_ == bytes_.size(); }
    [[nodiscard]] Bytes rest() const noexcept { return {bytes_.data() + at_, bytes_.size() - at_}; }
    /// Throws `corrupt` if bytes are left.
    void require_end() const {
        if (!at_end()) [[unlikely]] {
            damaged("the end");
        }
    }
    /// For bytes that the caller finds impossible; `expected` completes "expected ... at offset
    /// 12".
    [[noreturn]] void damaged(std::string_view expected) const;

  private:
    Bytes bytes_;
    std::string_view what_;
    std::size_t at_ = 0;
};

}  // namespace amphora::codec
