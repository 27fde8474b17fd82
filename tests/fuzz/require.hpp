#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What the fuzz targets share. A target is one function that judges one input: it returns if every
/// property holds, and aborts otherwise. It runs under `tests/fuzz/driver.cpp` or clang's
/// libFuzzer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace amphora::fuzz {

/// Prints what does not hold, then aborts.
[[noreturn]] void fail(const char* what, const std::string& details);

/// `details` is called only if the property does not hold.
template <class Details>
void require(bool holds, const char* what, Details details) {
    if (!holds) [[unlikely]] {
        fail(what, details());
    }
}
inline void require(bool holds, const char* what) {
    if (!holds) [[unlikely]] {
        fail(what, {});
    }
}

[[nodiscard]] inline std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
    return {reinterpret_cast<const char*>(data), size};
}

}  // namespace amphora::fuzz
