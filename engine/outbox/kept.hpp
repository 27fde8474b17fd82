#pragma once

#include "outbox/outbox.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <string_view>

namespace amphora::outbox {

/// For each keeper, the commit after which it still needs all commits. Any thread.
class Kept {
  public:
    void set(Keeper keeper, Sequence position) noexcept {
        positions_[index_of(keeper)].store(position, std::memory_order_release);
    }
    [[nodiscard]] Sequence needed_after() const noexcept {
        Sequence first = nobody;
        for (const auto& position : positions_)
            first = std::min(first, position.load(std::memory_order_acquire));
        return first;
    }
    /// Who keeps commits that both trees hold already; empty if nobody does.
    [[nodiscard]] std::string_view who_keeps(Sequence held) const noexcept {
        for (std::size_t at = 0; at < keepers_count; ++at)
            if (positions_[at].load(std::memory_order_acquire) < held &&
                positions_[at].load(std::memory_order_acquire) == needed_after())
                return names[at];
        return {};
    }

  private:
    static constexpr Sequence nobody{std::numeric_limits<std::uint64_t>::max()};
    static constexpr std::array<std::string_view, keepers_count> names{
        "a consumer", "the archive", "a backup that is being made"};
    static constexpr std::size_t index_of(Keeper keeper) noexcept {
        return static_cast<std::size_t>(keeper);
    }

    std::array<std::atomic<Sequence>, keepers_count> positions_{nobody, nobody, nobody};
};

}  // namespace amphora::outbox
