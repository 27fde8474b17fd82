#pragma once

#include "workload/dice.hpp"

#include <amphora/options.hpp>

namespace amphora::workload {

/// Options with which sealing, delivering, flushing and recycling happen all the time, or, with a
/// large age for sealing, hardly ever, so that everything is left to recovery. Every transaction of
/// the workload fits them.
[[nodiscard]] Options small_options(Dice& dice);

}  // namespace amphora::workload
