#pragma once

#include <cstdint>
#include <string>

/// Numbers as people read them.
namespace amphora::console {

[[nodiscard]] std::string with_commas(std::uint64_t number);  ///< "1,234,567"
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);    ///< "4.0 KiB"
[[nodiscard]] std::string duration_text(
    std::uint64_t microseconds);  ///< "850 us", "1.2 ms", "3.4 s"

}  // namespace amphora::console
