#pragma once

#include "base/lineage.hpp"
#include "events/commit_change.hpp"

#include <amphora/feed.hpp>

#include <utility>

namespace amphora::detail {

/// What a `Change` shows: one change at a time, and the memory for its views. A feed and a consumer
/// each have one, and give its Change to the program.
class ShownChange {
  public:
    explicit ShownChange(Lineage lineage) : lineage_{std::move(lineage)} {}
    ShownChange(const ShownChange&) = delete;
    ShownChange& operator=(const ShownChange&) = delete;

    /// The change must stay in memory until the next call.
    const Change& show(const events::CommitChange& change) noexcept {
        change_ = &change;
        return shown_;
    }

    [[nodiscard]] const events::CommitChange& change() const noexcept { return *change_; }
    [[nodiscard]] FeedPosition position() const noexcept;
    /// Null if the change has no such row.
    [[nodiscard]] const RowView* row_after();
    [[nodiscard]] const RowView* row_before();

  private:
    const Lineage lineage_;
    const events::CommitChange* change_ = nullptr;
    Change shown_{*this};
    RowView after_;
    RowView before_;
};

}  // namespace amphora::detail
