#pragma once

#include "base/bytes.hpp"

#include <amphora/feed_position.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Where a consumer is in the changes, which may be within the rows and documents that it reads
/// first.
namespace amphora::events {

/// How far the rows and documents have been read: those of earlier spaces, and those of the table
/// or collection `name` up to `key`.
struct SnapshotPlace {
    std::string name;
    Buffer key;  ///< as stored, after the number of its space; empty: none of `name` is read
    /// No other table or collection is read, and its changes are shown meanwhile: `name` is read
    /// again.
    bool is_again = false;
    bool operator==(const SnapshotPlace&) const = default;
};

/// Everything up to `position` has been shown: with `snapshot`, unless that is read again, only of
/// what is read, because the rest will be read later, in its state then.
struct FeedPlace {
    FeedPosition position;
    std::optional<SnapshotPlace> snapshot = std::nullopt;
    bool operator==(const FeedPlace&) const = default;
};

/// The text of the position; within a snapshot also the name, and the key in hexadecimal digits:
///
///   8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042:3
///   8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042@users/80000000000000a1
///   8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042@users/80000000000000a1/again
[[nodiscard]] std::string to_text(const FeedPlace& place);
/// From that text. Throws `invalid_argument` for any other one.
[[nodiscard]] FeedPlace place_of(std::string_view text);

}  // namespace amphora::events
