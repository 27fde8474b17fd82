#pragma once

#include "workload/dice.hpp"

#include <cstdint>
#include <string>

/// Changes to files that no program has made.
namespace amphora::corruption {

enum class DamageKind : std::uint8_t { bit, cut, zeroed_block, swapped_blocks, lost };
inline constexpr std::size_t damage_kinds = 5;
[[nodiscard]] const char* to_string(DamageKind kind) noexcept;

/// One damage to one file's bytes.
struct Damage {
    DamageKind kind = DamageKind::bit;
    std::uint64_t offset = 0;
    std::uint64_t other = 0;  ///< the other block; the bit; else 0

    /// A random damage within the file. Half of all bits are flipped where the structure is: in the
    /// first bytes of a block.
    [[nodiscard]] static Damage random(DamageKind kind, std::uint64_t file_bytes,
                                       workload::Dice& dice);
    /// The damaged bytes; a lost file has none.
    [[nodiscard]] std::string applied_to(std::string bytes) const;
    [[nodiscard]] std::string text() const;
};

}  // namespace amphora::corruption
