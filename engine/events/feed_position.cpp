#include <amphora/feed_position.hpp>

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace amphora {

namespace {

constexpr char separator = ':';
constexpr std::size_t timeline_digits = 2 * FeedPosition::Timeline{}.size();

std::optional<unsigned> digit(char letter) noexcept {
    if (letter >= '0' && letter <= '9') return static_cast<unsigned>(letter - '0');
    if (letter >= 'a' && letter <= 'f') return static_cast<unsigned>(letter - 'a' + 10);
    return std::nullopt;
}

/// A decimal number without a sign and without zeros in front.
template <class Number>
std::optional<Number> whole(std::string_view text) noexcept {
    Number found{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), found);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return found;
}

[[noreturn]] void refuse(std::string_view text) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("'{}' is no position of a feed; give the text of one that a feed has "
                            "returned, such as 8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042:3",
                            text.substr(0, 100))};
}

}  // namespace

FeedPosition FeedPosition::parse(std::string_view text) {
    if (text.size() <= timeline_digits || text[timeline_digits] != separator) refuse(text);
    Timeline timeline{};
    for (std::size_t i = 0; i < timeline.size(); ++i) {
        const auto high = digit(text[2 * i]);
        const auto low = digit(text[2 * i + 1]);
        if (!high || !low) refuse(text);
        timeline[i] = static_cast<std::uint8_t>(*high * 16 + *low);
    }
    const std::string_view numbers = text.substr(timeline_digits + 1);
    const std::size_t end = numbers.find(separator);
    const auto sequence = whole<std::uint64_t>(numbers.substr(0, end));
    if (!sequence) refuse(text);
    if (end == std::string_view::npos) return {timeline, Sequence{*sequence}};
    const auto index = whole<std::uint32_t>(numbers.substr(end + 1));
    if (!index || *index == whole_commit) refuse(text);
    return {timeline, Sequence{*sequence}, *index};
}

std::string to_string(const FeedPosition& position) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::size_t number_digits = 20;
    std::array<char, timeline_digits + 2 * (1 + number_digits)> text;
    // A consumer makes the text of each change that it handles.
    char* end = text.data();
    for (const std::uint8_t byte : position.timeline()) {
        *end++ = digits[byte / 16];
        *end++ = digits[byte % 16];
    }
    const auto append = [&](auto number) {
        *end++ = separator;
        end = std::to_chars(end, text.data() + text.size(), number).ptr;
    };
    append(number(position.sequence()));
    if (!position.is_whole_commit()) append(position.index());
    return {text.data(), end};
}

}  // namespace amphora
