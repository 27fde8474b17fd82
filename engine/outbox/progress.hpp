#pragma once

#include "base/assert.hpp"

#include <amphora/types.hpp>

namespace amphora::outbox {

/// How far each stage of the outbox has come, for one tree.
///
/// Invariant: recycled <= held <= delivered <= durable <= published. A journal segment is recycled
/// only when a power cut could not take its commits out of either tree.
struct Progress {
    Sequence recycled{};   ///< no longer in the journal
    Sequence held{};       ///< survives a power cut inside the tree
    Sequence delivered{};  ///< seen by readers of the tree
    Sequence durable{};    ///< survives a power cut inside the journal
    Sequence published{};  ///< seen by the next writer

    void check() const {
        AMPHORA_ASSERT(recycled <= held);
        AMPHORA_ASSERT(held <= delivered);
        AMPHORA_ASSERT(delivered <= durable);
        AMPHORA_ASSERT(durable <= published);
    }
};

}  // namespace amphora::outbox
