#include "events/feed_place.hpp"

#include "base/ids.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::events {

namespace {

constexpr std::string_view digits = "0123456789abcdef";
/// The end of the text where a table or collection is read again. A key has no such digits.
constexpr std::string_view again = "/again";

std::string hex_of(Bytes bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += digits[value / 16u];
        text += digits[value % 16u];
    }
    return text;
}

std::optional<Buffer> bytes_of(std::string_view hex) {
    if (hex.size() % 2 != 0) return std::nullopt;
    Buffer bytes;
    bytes.reserve(hex.size() / 2);
    for (std::size_t at = 0; at < hex.size(); at += 2) {
        const std::size_t high = digits.find(hex[at]);
        const std::size_t low = digits.find(hex[at + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        bytes += static_cast<char>(16 * high + low);
    }
    return bytes;
}

}  // namespace

std::string to_text(const FeedPlace& place) {
    std::string position = to_string(place.position);
    if (!place.snapshot) return position;
    return fmt::format("{}@{}/{}{}", position, place.snapshot->name, hex_of(place.snapshot->key),
                       place.snapshot->is_again ? again : "");
}

FeedPlace place_of(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos) return {.position = FeedPosition::parse(text)};
    std::string_view rest = text.substr(at + 1);
    const bool is_again = rest.ends_with(again);
    if (is_again) rest.remove_suffix(again.size());
    const std::size_t slash = rest.rfind('/');
    const auto key =
        slash == std::string_view::npos ? std::nullopt : bytes_of(rest.substr(slash + 1));
    if (!key) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("'{}' is no place of a consumer; drop the consumer, or open the "
                                "database with the version of the library that wrote it",
                                text.substr(0, 100))};
    }
    return {.position = FeedPosition::parse(text.substr(0, at)),
            .snapshot = SnapshotPlace{std::string{rest.substr(0, slash)}, *key, is_again}};
}

}  // namespace amphora::events
