#pragma once

#include <amphora/types.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace amphora {

/// A place in the order of all changes: after change number `index()` of commit `sequence()`, which
/// was first made in one timeline. A program may keep its text form anywhere, and later continue
/// there: it gets every change after it, and none before. A change keeps its position when a backup
/// is restored, so the text can be the idempotency key of what is done for the change.
///
///   8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042:3     after the third change of commit 1042
///   8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042       after all changes of commit 1042
///
/// The timeline is what `Statistics::timeline` was when the commit was made. A restored database
/// knows the positions of the commits that it has. It refuses later ones of the abandoned timeline
/// with `unknown_position`. After a repair all earlier positions are `feed_gap`. A
/// default-constructed position is of no timeline: no database knows it.
class FeedPosition {
  public:
    using Timeline = std::array<std::uint8_t, 16>;
    /// The index after the last change of a commit, however many it has.
    static constexpr std::uint32_t whole_commit = std::numeric_limits<std::uint32_t>::max();

    constexpr FeedPosition() noexcept = default;
    constexpr FeedPosition(const Timeline& timeline, Sequence sequence,
                           std::uint32_t index = whole_commit) noexcept
        : timeline_{timeline}, sequence_{sequence}, index_{index} {}
    /// From the text form. Throws `invalid_argument` for any other text.
    [[nodiscard]] static FeedPosition parse(std::string_view text);

    [[nodiscard]] constexpr const Timeline& timeline() const noexcept { return timeline_; }
    [[nodiscard]] constexpr Sequence sequence() const noexcept { return sequence_; }
    /// From 1; 0: before the first change of the commit.
    [[nodiscard]] constexpr std::uint32_t index() const noexcept { return index_; }
    [[nodiscard]] constexpr bool is_whole_commit() const noexcept { return index_ == whole_commit; }

    bool operator==(const FeedPosition&) const = default;
    /// Positions of different timelines are not ordered: only a database knows which of them it has.
    friend constexpr std::partial_ordering operator<=>(const FeedPosition& left,
                                                       const FeedPosition& right) noexcept {
        if (left.timeline_ != right.timeline_) return std::partial_ordering::unordered;
        if (left.sequence_ != right.sequence_) return left.sequence_ <=> right.sequence_;
        return left.index_ <=> right.index_;
    }

  private:
    Timeline timeline_{};
    Sequence sequence_{};
    std::uint32_t index_ = 0;
};

/// The text form.
[[nodiscard]] std::string to_string(const FeedPosition& position);

}  // namespace amphora
