#pragma once

#include "base/ids.hpp"
#include "journal/journal.hpp"

#include <amphora/types.hpp>

#include <cstdint>
#include <string>

namespace amphora {

/// A restored timeline starts at the next multiple of this, above every epoch that the abandoned
/// timeline has used or can still use. So no two commits ever share epoch and sequence.
inline constexpr std::uint64_t epochs_of_a_timeline = 1'000'000;

/// The first epoch of a new timeline.
[[nodiscard]] constexpr Epoch after_all_of(Epoch epoch) noexcept {
    return Epoch{(number(epoch) / epochs_of_a_timeline + 1) * epochs_of_a_timeline};
}

/// Begins a timeline in a directory whose trees already belong to it: makes an empty journal, then
/// the identity file, with which the database exists. `beginning.epoch` is the last epoch of the
/// abandoned timeline.
void begin_timeline(const std::string& directory, const Identity& identity,
                    journal::Beginning beginning);

}  // namespace amphora
