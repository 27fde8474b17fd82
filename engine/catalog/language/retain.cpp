#include "catalog/language/retain.hpp"

#include "catalog/definition/definition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace amphora::catalog {

namespace {

struct Unit {
    std::string_view singular;
    std::string_view plural;
    std::int64_t seconds;
};
constexpr std::array<Unit, 5> units{{
    {"second", "seconds", 1},
    {"minute", "minutes", 60},
    {"hour", "hours", 3600},
    {"day", "days", 86'400},
    {"week", "weeks", 604'800},
}};
/// Longer ago than any DATETIME.
constexpr std::int64_t seconds_max = 10'000ll * 366 * 86'400;

}  // namespace

std::optional<std::chrono::seconds> retain_period(std::string_view text) noexcept {
    std::int64_t count = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count <= 0) return std::nullopt;
    std::string_view word = text.substr(static_cast<std::size_t>(stop - text.data()));
    if (!word.starts_with(' ')) return std::nullopt;
    word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
    for (const Unit& unit : units) {
        if (!same_name(word, unit.singular) && !same_name(word, unit.plural)) continue;
        if (count > seconds_max / unit.seconds) return std::nullopt;
        return std::chrono::seconds{count * unit.seconds};
    }
    return std::nullopt;
}

}  // namespace amphora::catalog
