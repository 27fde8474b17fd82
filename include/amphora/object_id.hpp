#pragma once

#include <amphora/types.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amphora {

/// MongoDB's 12-byte document id: seconds since 1970 (4 bytes), a random number of the process (5),
/// and a counter (3). Most significant byte first, so ids sort by the second of their making.
///   https://www.mongodb.com/docs/manual/reference/bson-types/#objectid
class ObjectId {
  public:
    static constexpr std::size_t size = 12;

    /// All zero; `generate` never gives this id.
    constexpr ObjectId() noexcept = default;
    explicit constexpr ObjectId(const std::array<std::uint8_t, size>& bytes) noexcept
        : bytes_{bytes} {}

    /// A new id, different from every other: within a process by its counter (16.7 million a
    /// second), between processes, also after a fork, by 40 random bits. Any thread. Throws
    /// `io_error` where the operating system has no random numbers.
    [[nodiscard]] static ObjectId generate();

    /// The id that 24 hexadecimal digits spell; empty for any other text.
    [[nodiscard]] static std::optional<ObjectId> parse(std::string_view hex) noexcept;

    /// 24 hexadecimal digits, lower case.
    [[nodiscard]] std::string hex() const;

    /// The second in which it was made, by the clock of the machine that made it.
    [[nodiscard]] DateTime created_at() const noexcept;

    [[nodiscard]] constexpr const std::array<std::uint8_t, size>& bytes() const noexcept {
        return bytes_;
    }

    auto operator<=>(const ObjectId&) const = default;

  private:
    std::array<std::uint8_t, size> bytes_{};
};

}  // namespace amphora
