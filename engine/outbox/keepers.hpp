#pragma once

#include <amphora/types.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace amphora::outbox {

/// Who needs commits in the journal after both trees hold them, except feeds and consumers, which
/// hold them in the journal itself. `opening`: until the consumers' positions are known; `archive`:
/// a database that is always archived; `manual_archive`: one call of `Database::archive`.
enum class Keeper : std::uint8_t { opening, archive, manual_archive, backup };
inline constexpr std::size_t keepers_count = 4;

/// The commit after which each keeper still needs all commits. Any thread.
class Keepers {
  public:
    void set(Keeper keeper, Sequence position) noexcept {
        positions_[index_of(keeper)].store(position, std::memory_order_release);
    }
    /// The lowest position of all keepers.
    [[nodiscard]] Sequence needed_after() const noexcept {
        Sequence first = nothing_needed;
        for (const auto& position : positions_) {
            first = std::min(first, position.load(std::memory_order_acquire));
        }
        return first;
    }
    /// The keeper that still needs commits which both trees hold, in words; empty: none does.
    [[nodiscard]] std::string_view slowest_below(Sequence held) const noexcept {
        for (std::size_t at = 0; at < keepers_count; ++at) {
            if (positions_[at].load(std::memory_order_acquire) < held &&
                positions_[at].load(std::memory_order_acquire) == needed_after()) {
                return names[at];
            }
        }
        return {};
    }

  private:
    static constexpr Sequence nothing_needed{std::numeric_limits<std::uint64_t>::max()};
    static constexpr std::array<std::string_view, keepers_count> names{
        "an opening", "the archive", "an archive that is being made",
        "a backup that is being made"};
    static constexpr std::size_t index_of(Keeper keeper) noexcept {
        return static_cast<std::size_t>(keeper);
    }

    std::array<std::atomic<Sequence>, keepers_count> positions_{nothing_needed, nothing_needed,
                                                                nothing_needed, nothing_needed};
};

}  // namespace amphora::outbox
