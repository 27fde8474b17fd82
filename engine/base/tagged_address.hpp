#pragma once

#include <cstdint>

/// An address and 16 bits of something else in one word, which can be loaded and stored at once.
/// Processes on 64-bit Linux get addresses of 48 bits unless they ask for longer ones
/// (Documentation/arch/x86/x86_64/5level-paging.rst of the kernel, and the same on arm64).
namespace amphora {

using TaggedAddress = std::uint64_t;

inline constexpr int address_bits = 48;

[[nodiscard]] inline bool is_taggable(const void* address) noexcept {
    return reinterpret_cast<std::uintptr_t>(address) >> address_bits == 0;
}
/// `address` is taggable.
[[nodiscard]] inline TaggedAddress tag_address(const void* address, std::uint16_t tag) noexcept {
    return TaggedAddress{tag} << address_bits | reinterpret_cast<std::uintptr_t>(address);
}
[[nodiscard]] constexpr std::uint16_t tag_of(TaggedAddress tagged) noexcept {
    return static_cast<std::uint16_t>(tagged >> address_bits);
}
template <class T>
[[nodiscard]] T* address_of(TaggedAddress tagged) noexcept {
    const auto address = tagged & ((TaggedAddress{1} << address_bits) - 1);
    return reinterpret_cast<T*>(address);  // NOLINT: it was a pointer when it was tagged
}

}  // namespace amphora
