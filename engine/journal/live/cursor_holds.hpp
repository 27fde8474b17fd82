#pragma once

#include "journal/recovery/chain_segment.hpp"

#include <amphora/types.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace amphora::journal {

/// What one cursor needs of a live journal: the segment with this number, and all later ones.
struct CursorHold {
    std::uint64_t segment = 0;  ///< changed only with the journal's mutex
    bool is_woken = false;      ///< used only with the journal's mutex
    std::atomic<Sequence> position{};
    // Used only with the journal's mutex.
    std::function<void()> on_more = {};  ///< may be empty
    bool is_armed = false;               ///< the cursor has found nothing, and waits for the call
};

/// A segment that a cursor holds, up to what is durable.
struct HeldSegment {
    ChainSegment segment;
    bool is_closed = false;  ///< it has a successor, and does not grow any more
};

/// The holds of all cursors. Guarded by the journal's mutex.
class CursorHolds {
  public:
    void add(CursorHold& hold) { holds_.push_back(&hold); }
    void remove(const CursorHold& hold) noexcept { std::erase(holds_, &hold); }

    [[nodiscard]] bool empty() const noexcept { return holds_.empty(); }
    [[nodiscard]] bool hold(std::uint64_t segment) const noexcept {
        return std::any_of(holds_.begin(), holds_.end(),
                           [&](const CursorHold* each) { return each->segment <= segment; });
    }
    /// Calls each cursor that has found nothing to read.
    void tell_more() const {
        for (CursorHold* each : holds_) tell_more(*each);
    }
    static void tell_more(CursorHold& hold) {
        if (std::exchange(hold.is_armed, false)) hold.on_more();
    }
    /// Of the slowest cursor; none: there is none.
    [[nodiscard]] std::optional<Sequence> position() const noexcept {
        std::optional<Sequence> slowest;
        for (const CursorHold* each : holds_) {
            const Sequence position = each->position.load();
            slowest = std::min(slowest.value_or(position), position);
        }
        return slowest;
    }

  private:
    std::vector<CursorHold*> holds_;
};

}  // namespace amphora::journal
