#include "console/units.hpp"

#include <fmt/format.h>

#include <array>

namespace amphora::console {

std::string with_commas(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

std::string bytes_text(std::uint64_t bytes) {
    static constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (amount >= 1024 && unit + 1 < units.size()) {
        amount /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", amount, units[unit]);
}

std::string duration_text(std::uint64_t microseconds) {
    if (microseconds < 1000) return fmt::format("{} us", microseconds);
    const auto amount = static_cast<double>(microseconds);
    if (microseconds < 1'000'000) return fmt::format("{:.1f} ms", amount / 1e3);
    if (microseconds < 120'000'000) return fmt::format("{:.1f} s", amount / 1e6);
    return fmt::format("{:.1f} min", amount / 60e6);
}

}  // namespace amphora::console
