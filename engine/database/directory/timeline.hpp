#pragma once

#include "base/ids.hpp"
#include "base/lineage.hpp"
#include "journal/journal.hpp"
#include "journal/journal_cursor.hpp"

#include <amphora/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace amphora {

/// A restored timeline starts at the next multiple of this, above every epoch that the abandoned
/// timeline has used or can still use. So no two commits ever share epoch and sequence.
inline constexpr std::uint64_t epochs_of_a_timeline = 1'000'000;

/// The first epoch of a new timeline.
[[nodiscard]] constexpr Epoch after_all_of(Epoch epoch) noexcept {
    return Epoch{(number(epoch) / epochs_of_a_timeline + 1) * epochs_of_a_timeline};
}

/// Commits that a new timeline takes over from the one that it continues, so that feeds and
/// consumers find them: those that `commits` gives, which begins after `Beginning::prior`.
struct TakenOver {
    journal::JournalCursor& commits;
    Sequence last{};
    std::uint64_t segment_bytes = 0;  ///< of the segments to be made, at most
};

/// Makes the journal of a new timeline. Returns the mark of its last commit, which is
/// `beginning.prior` if nothing is taken over. `beginning.epoch` is the last epoch of the abandoned
/// timeline.
[[nodiscard]] Mark begin_journal(const std::string& directory, const Identity& identity,
                                 journal::Beginning beginning,
                                 const std::optional<TakenOver>& taken_over = std::nullopt);

/// Writes the identity file, with which the database exists. Its trees and its journal already
/// belong to the timeline.
void begin_timeline(const std::string& directory, const Identity& identity,
                    const std::vector<Ancestor>& ancestors);

}  // namespace amphora
