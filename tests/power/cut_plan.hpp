#pragma once

#include "power/file_loss.hpp"
#include "power/recording.hpp"
#include "workload/dice.hpp"

#include <cstdint>
#include <vector>

namespace amphora::power {

/// What the victim of a recording does when: opens, works, closes.
struct Phases {
    Moment open = 0;     ///< it has opened the database
    Moment closing = 0;  ///< it has stopped working
    Moment end = 0;
    /// While it works: a backup is made, and a short time after it, when it was reported.
    struct Copying {
        Moment begin, end;
    };
    std::vector<Copying> copying = {};
};
[[nodiscard]] Phases phases_of(const Recording& recording);

struct PlannedCut {
    Moment moment = 0;
    Loss loss{};
};

/// So many cuts of one recording, in the order of their moments, in every phase. Many are just
/// before a sync returns, when most is unsynced, or just after it, when nothing else is kept.
[[nodiscard]] std::vector<PlannedCut> plan_cuts(const Recording& recording, const Phases& phases,
                                                std::uint64_t cuts, workload::Dice& dice);

}  // namespace amphora::power
