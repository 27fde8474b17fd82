#pragma once

#include "base/lineage.hpp"
#include "events/commit_change.hpp"

#include <amphora/feed.hpp>

#include <optional>
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
    /// With the columns of the table at the commit. Null if the change has no such row.
    [[nodiscard]] const RowView* row_after();
    [[nodiscard]] const RowView* row_before();
    /// With the columns of the table as it is now.
    [[nodiscard]] const RowView* newest_after();
    [[nodiscard]] const RowView* newest_before();

  private:
    static const RowView* show(RowView& view, const relational::BoundTable& table,
                               const std::optional<Bytes>& state);
    [[nodiscard]] const relational::BoundTable& table_then() const noexcept {
        return change_->table_then != nullptr ? *change_->table_then : *change_->table;
    }

    const Lineage lineage_;
    const events::CommitChange* change_ = nullptr;
    Change shown_{*this};
    RowView after_;
    RowView before_;
    RowView newest_after_;
    RowView newest_before_;
};

}  // namespace amphora::detail
