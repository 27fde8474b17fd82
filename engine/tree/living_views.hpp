#pragma once

#include <cstdint>
#include <list>
#include <mutex>

namespace amphora::tree {

/// Since when each living view of a tree is held, and which version it shows; oldest version first.
class LivingViews {
  public:
    struct Life {
        std::int64_t since_ms = 0;
        std::uint64_t version = 0;
    };
    using Place = std::list<Life>::iterator;
    [[nodiscard]] Place enter(std::uint64_t version);
    void leave(Place place) noexcept;
    /// Begins its age anew: a view that only the tree kept is given out again.
    void renew(Place place) noexcept;

    [[nodiscard]] std::uint64_t count() const;
    /// How long the oldest view is held; 0 when there is none.
    [[nodiscard]] std::uint64_t oldest_ms() const;
    /// The oldest version that is still shown; the largest number when there is none.
    [[nodiscard]] std::uint64_t oldest_version() const;

  private:
    mutable std::mutex mutex_;
    std::list<Life> lives_;
};

}  // namespace amphora::tree
