#pragma once

#include <cstdint>
#include <list>
#include <mutex>

namespace amphora::tree {

/// The living views of a tree: since when each is held, and which version it shows; oldest version
/// first.
class LivingViews {
  public:
    struct Life {
        std::int64_t since_ms = 0;
        std::uint64_t version = 0;
    };
    using Place = std::list<Life>::iterator;
    [[nodiscard]] Place enter(std::uint64_t version);
    void leave(Place place) noexcept;
    /// Begins its age again: a view that only the tree kept is given to a reader.
    void renew(Place place) noexcept;

    [[nodiscard]] std::uint64_t count() const;
    /// How long the oldest view has been held; 0 if there is none.
    [[nodiscard]] std::uint64_t oldest_ms() const;
    /// The oldest version that a view shows; the largest number if there is none.
    [[nodiscard]] std::uint64_t oldest_version() const;

  private:
    mutable std::mutex mutex_;
    std::list<Life> lives_;
};

}  // namespace amphora::tree
