#pragma once

#include "base/range_lock.hpp"

#include <cstdint>
#include <string>

/// The file OBSERVERS, on which those that look at a database hold shared locks (base/range_lock.hpp).
/// Its bytes mean:
///
///   0                       somebody looks
///   pin * 2^32 + second     somebody wished at this second of `uptime_ms` that the pin is kept
///
/// An observer wishes a pin again while it reads. So one that was stopped wishes nothing after a while, and
/// one that was killed at once.
namespace amphora::live {

inline constexpr const char* observers_name = "OBSERVERS";

/// The bytes of the wishes for `pin` from `from_ms` on.
struct WishRange {
    std::uint64_t begin;
    std::uint64_t end;
};
[[nodiscard]] constexpr std::uint64_t wish_byte(std::uint64_t pin, std::int64_t now_ms) noexcept {
    return (pin << 32) + static_cast<std::uint64_t>(now_ms < 0 ? 0 : now_ms / 1000);
}
[[nodiscard]] constexpr WishRange wishes_since(std::uint64_t pin, std::int64_t from_ms) noexcept {
    return {wish_byte(pin, from_ms), (pin + 1) << 32};
}

}  // namespace amphora::live
