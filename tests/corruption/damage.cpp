#include "corruption/damage.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amphora::corruption {
namespace {

constexpr std::uint64_t block_bytes = 4096;
constexpr std::uint64_t structure_bytes = 64;

}  // namespace

const char* to_string(DamageKind kind) noexcept {
    switch (kind) {
        case DamageKind::bit:
            return "flipped bit";
        case DamageKind::cut:
            return "cut";
        case DamageKind::zeroed_block:
            return "zeroed block";
        case DamageKind::swapped_blocks:
            return "swapped blocks";
        case DamageKind::lost:
            return "lost file";
    }
    return "";
}

Damage Damage::random(DamageKind kind, std::uint64_t file_bytes, workload::Dice& dice) {
    Damage damage{.kind = kind, .offset = 0, .other = 0};
    if (file_bytes == 0) return damage;
    const std::uint64_t blocks = (file_bytes + block_bytes - 1) / block_bytes;
    const std::uint64_t block = dice.below(blocks) * block_bytes;
    switch (kind) {
        case DamageKind::bit:
            damage.offset = dice.once_in(2) ? block + dice.below(structure_bytes) : file_bytes;
            if (damage.offset >= file_bytes) damage.offset = dice.below(file_bytes);
            damage.other = dice.below(8);
            break;
        case DamageKind::cut:
            damage.offset = dice.once_in(2) ? block : dice.below(file_bytes);
            break;
        case DamageKind::zeroed_block:
            damage.offset = block;
            break;
        case DamageKind::swapped_blocks:
            damage.offset = block;
            damage.other = (block / block_bytes + 1 + dice.below(blocks)) % blocks * block_bytes;
            break;
        case DamageKind::lost:
            break;
    }
    return damage;
}

std::string Damage::applied_to(std::string bytes) const {
    const auto length = [&](std::uint64_t at) {
        return std::min<std::uint64_t>(block_bytes, bytes.size() - at);
    };
    switch (kind) {
        case DamageKind::bit:
            if (offset < bytes.size()) {
                bytes[offset] = static_cast<char>(bytes[offset] ^ 1 << other);
            }
            break;
        case DamageKind::cut:
            bytes.resize(std::min<std::uint64_t>(offset, bytes.size()));
            break;
        case DamageKind::zeroed_block:
            if (offset < bytes.size()) bytes.replace(offset, length(offset), length(offset), '\0');
            break;
        case DamageKind::swapped_blocks: {
            const std::uint64_t both = std::min(length(offset), length(other));
            std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(offset),
                             bytes.begin() + static_cast<std::ptrdiff_t>(offset + both),
                             bytes.begin() + static_cast<std::ptrdiff_t>(other));
            break;
        }
        case DamageKind::lost:
            bytes.clear();
            break;
    }
    return bytes;
}

std::string Damage::text() const {
    return kind == DamageKind::lost
               ? to_string(kind)
               : fmt::format("{} at offset {}{}", to_string(kind), offset,
                             kind == DamageKind::bit              ? fmt::format(" (bit {})", other)
                             : kind == DamageKind::swapped_blocks ? fmt::format(" and {}", other)
                                                                  : "");
}

}  // namespace amphora::corruption
