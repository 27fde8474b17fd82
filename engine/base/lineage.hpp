#pragma once

#include "base/ids.hpp"

#include <amphora/types.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// Which timelines a database comes from.
namespace amphora {

/// A timeline that ended, and was continued by a later one.
struct Ancestor {
    /// `restored`: every commit up to the last is also one of the later timeline. `repaired`: the
    /// later timeline has what could be saved of them, and perhaps not all.
    enum class End : std::uint8_t { restored, repaired };

    Uuid timeline;
    Sequence last{};  ///< the last commit that the later timeline has
    End end = End::restored;
    auto operator<=>(const Ancestor&) const = default;
};

/// What a commit of some timeline is to a database.
enum class Standing : std::uint8_t {
    own,       ///< the database has it, and every commit after it
    unknown,   ///< the timeline is none that the database is in or comes from
    left_out,  ///< a restore ended the timeline before this commit
    repaired,  ///< the database was repaired since, and commits after this one may be lost
};

/// A timeline and its ancestors.
///
/// Invariant: sequences increase over all of them, so a sequence names one commit, and `last` never
/// decreases along the ancestors.
struct Lineage {
    /// Older ones are forgotten: what is known of a timeline must fit a small text file.
    static constexpr std::size_t ancestors_max = 500;

    Uuid timeline;
    std::vector<Ancestor> ancestors;  ///< oldest first

    /// The timeline under which the commit was first made.
    [[nodiscard]] const Uuid& of(Sequence sequence) const noexcept {
        const auto found = std::ranges::lower_bound(ancestors, sequence, {}, &Ancestor::last);
        return found == ancestors.end() ? timeline : found->timeline;
    }
    /// Null: the timeline is no ancestor.
    [[nodiscard]] const Ancestor* find(const Uuid& ancestor) const noexcept {
        const auto found = std::ranges::find(ancestors, ancestor, &Ancestor::timeline);
        return found == ancestors.end() ? nullptr : &*found;
    }
    /// Of a commit that was made in the timeline `its`. One that comes after the last commit of the
    /// present timeline is `own`, too.
    [[nodiscard]] Standing standing(const Uuid& its, Sequence sequence) const noexcept {
        if (its == timeline) return Standing::own;
        const Ancestor* const ancestor = find(its);
        if (ancestor == nullptr) return Standing::unknown;
        if (ancestor->end == Ancestor::End::repaired) return Standing::repaired;
        return sequence > ancestor->last ? Standing::left_out : Standing::own;
    }
    /// Of a timeline that continues this one after `last`.
    [[nodiscard]] std::vector<Ancestor> continued_after(Sequence last, Ancestor::End end) const {
        std::vector<Ancestor> all = ancestors;
        all.push_back({timeline, last, end});
        for (Ancestor& each : all) {
            each.last = std::min(each.last, last);
            // What a repair has lost is lost for all of them.
            if (end == Ancestor::End::repaired) each.end = end;
        }
        if (all.size() > ancestors_max) all.erase(all.begin());
        return all;
    }
    auto operator<=>(const Lineage&) const = default;
};

}  // namespace amphora
