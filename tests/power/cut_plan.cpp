#include "power/cut_plan.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace amphora::power {
namespace {

/// How many records after the report that a copy is made still count as its end.
constexpr Moment told = 20;

class CutPlan {
  public:
    CutPlan(const Recording& recording, const Phases& phases, workload::Dice& dice)
        : phases_{phases}, dice_{dice} {
        std::map<Node, std::uint64_t> changes;
        for (const Event& event : recording.events) {
            if (event.action == Action::name) {
                (event.from.is_none() ? created_ : renamed_).push_back(event.begun);
            } else if (event.action != Action::sync) {
                ++changes[event.node];
                if (event.is_synced && event.returned != never) note_kept(event);
            } else if (event.returned != never) {
                note_kept(event);
                const bool has_order = std::exchange(changes[event.node], 0) > 1;
                (has_order ? ordered_ : synced_).push_back(event.returned - 1);
            }
        }
        std::ranges::sort(synced_);
        std::ranges::sort(ordered_);
    }

    PlannedCut cut() {
        const Loss loss{static_cast<std::uint8_t>(dice_.below(losses))};
        // Names change seldom: to lose one, the cut must come after it.
        const bool needs_name =
            loss == Loss::last_name || (loss == Loss::names && dice_.once_in(2));
        const auto& names = renamed_.empty() || dice_.once_in(3) ? created_ : renamed_;
        if (needs_name && !names.empty()) {
            return {std::min(phases_.end, any(names, 0, never) + dice_.below(3)), loss};
        }
        if (!phases_.copying.empty() && dice_.once_in(3)) {
            const auto& [begin, end] = phases_.copying[dice_.below(phases_.copying.size())];
            return dice_.once_in(2) ? PlannedCut{dice_.between(end - told, end), loss}
                                    : within(begin, end, loss);
        }
        if (dice_.once_in(4) && !kept_.empty()) return alone();
        const std::uint64_t chance = dice_.below(8);
        if (chance < 4) return within(0, phases_.open, loss);
        if (chance == 4) return within(phases_.closing, phases_.end, loss);
        return within(phases_.open, phases_.closing, loss);
    }

  private:
    void note_kept(const Event& event) {
        auto& moments = kept_[event.node];
        if (moments.empty()) files_.push_back(event.node);
        moments.push_back(event.returned);
    }

    /// One file has just been synced, and nothing else was: the file must not depend on what was
    /// not synced. Files that are synced seldom come as often as the others.
    PlannedCut alone() {
        const auto& moments = kept_.at(files_[dice_.below(files_.size())]);
        return {moments[dice_.below(moments.size())], Loss::all};
    }

    /// One of these moments in the range, or any moment if there is none.
    Moment any(const std::vector<Moment>& moments, Moment begin, Moment end) {
        const auto first = std::ranges::lower_bound(moments, begin);
        const auto last = std::ranges::upper_bound(moments, end);
        if (first >= last) return dice_.between(begin, end);
        const auto there = static_cast<std::uint64_t>(last - first);
        return first[static_cast<std::ptrdiff_t>(dice_.below(there))];
    }

    PlannedCut within(Moment begin, Moment end, Loss loss) {
        switch (dice_.below(4)) {
            case 0: {
                constexpr std::array orders{Loss::later, Loss::blocks, Loss::torn, Loss::mixed};
                return {any(ordered_, begin, end), orders[dice_.below(orders.size())]};
            }
            case 1:
                return {any(synced_, begin, end), loss};
            default:
                return {dice_.between(begin, end), loss};
        }
    }

    const Phases& phases_;
    workload::Dice& dice_;
    std::vector<Moment> created_, renamed_;
    // Just before a sync returns, when most is unsynced: of one change, or of several, whose order
    // then matters.
    std::vector<Moment> synced_, ordered_;
    // When a sync of a file or directory, or a synchronous write to it, has returned.
    std::map<Node, std::vector<Moment>> kept_;
    std::vector<Node> files_;  ///< those that have such a moment
};

}  // namespace

Phases phases_of(const Recording& recording) {
    Phases phases{.end = recording.end};
    Moment copying = 0;
    for (const Said& said : recording.said) {
        if (said.line == "open") phases.open = said.moment;
        if (said.line == "closing") phases.closing = said.moment;
        if (said.line.starts_with("copying ")) copying = said.moment;
        if (said.line.starts_with("copied ")) {
            phases.copying.push_back({copying, std::min(said.moment + told, recording.end)});
        }
    }
    return phases;
}

std::vector<PlannedCut> plan_cuts(const Recording& recording, const Phases& phases,
                                  std::uint64_t cuts, workload::Dice& dice) {
    CutPlan plan{recording, phases, dice};
    std::vector<PlannedCut> all;
    for (std::uint64_t left = cuts; left > 0; --left) all.push_back(plan.cut());
    std::ranges::sort(all, {}, &PlannedCut::moment);
    return all;
}

}  // namespace amphora::power
