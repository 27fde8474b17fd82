#pragma once

#include "base/bytes.hpp"

#include <amphora/types.hpp>

#include <array>
#include <cstdint>

namespace amphora {

/// Which of the two trees.
enum class TreeId : std::uint8_t { relational = 0, documents = 1 };
inline constexpr std::array trees_all{TreeId::relational, TreeId::documents};
inline constexpr std::size_t trees_count = 2;
[[nodiscard]] constexpr std::size_t index_of(TreeId tree) noexcept {
    return static_cast<std::size_t>(tree);
}
[[nodiscard]] constexpr std::string_view to_string(TreeId tree) noexcept {
    return tree == TreeId::relational ? "relational" : "documents";
}

/// The number of a table, an index or a collection; the first four bytes of its keys. Never reused.
/// Space 0 belongs to the tree itself (its mark), 1 to the catalog.
enum class SpaceId : std::uint32_t {};
inline constexpr SpaceId space_tree{0};
inline constexpr SpaceId space_catalog{1};
inline constexpr SpaceId space_first_free{16};
[[nodiscard]] constexpr std::uint32_t number(SpaceId space) noexcept {
    return static_cast<std::uint32_t>(space);
}

/// 128 random bits that name a database or one of its timelines.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Uuid&) const = default;
};
/// From the operating system's generator; throws `io_error` where there is none.
[[nodiscard]] Uuid make_uuid();
[[nodiscard]] std::string to_string(const Uuid& uuid);  ///< 32 hexadecimal digits

/// A tree holds every commit up to this one. `chain` is the checksum of the frame that carried the
/// commit: together with the epoch it distinguishes a commit from another that once had the same
/// sequence.
struct Mark {
    Epoch epoch{};
    Sequence sequence{};
    std::uint64_t chain = 0;
    auto operator<=>(const Mark&) const = default;
};

/// The identity that every part of a database carries, so that parts of different databases are
/// never mixed.
struct Identity {
    Uuid database;
    Uuid timeline;
    auto operator<=>(const Identity&) const = default;
};

}  // namespace amphora
