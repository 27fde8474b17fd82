#pragma once

#include "journal/commit_tags.hpp"

#include <amphora/types.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace amphora::journal {

/// The tags of the last commits that were appended. Guarded by the journal's mutex.
class RecentTags {
  public:
    /// More than are written within a sync interval.
    static constexpr std::uint64_t kept = 16'384;

    void add(Sequence sequence, CommitTags tags) noexcept {
        tags_[number(sequence) % kept] = tags;
        if (count_ == 0) first_ = number(sequence);
        count_ = number(sequence) - first_ + 1;
    }
    /// The last commit up to `last` such that none after `after` up to it meets `wanted`; `after`
    /// itself where the tags of the next one are not known.
    [[nodiscard]] Sequence without(CommitTags wanted, Sequence after,
                                   Sequence last) const noexcept {
        std::uint64_t at = number(after) + 1;
        const std::uint64_t end = first_ + count_;
        if (at < first_ || at + kept < end) return after;
        const std::uint64_t stop = std::min(end, number(last) + 1);
        while (at < stop && !tags_[at % kept].meet(wanted)) ++at;
        return std::max(after, Sequence{at - 1});
    }

  private:
    std::array<CommitTags, kept> tags_{};
    std::uint64_t first_ = 0;  ///< of this opening
    std::uint64_t count_ = 0;  ///< since then; the last `kept` of them are there
};

}  // namespace amphora::journal
