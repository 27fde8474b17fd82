#pragma once

#include "base/bytes.hpp"
#include "events/commit_change.hpp"
#include "events/feed_place.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace amphora::events {

/// Changes that outlive the record that they were read from: each has a copy of its bytes. They
/// still point into the schema. The memory of small ones is used again for later ones.
class ChangeBatch {
  public:
    /// `snapshot`: the place of the feed after the change, while it reads a snapshot.
    void add(const CommitChange& change, const std::optional<SnapshotPlace>& snapshot);
    /// Removes the first `count` changes.
    void drop_front(std::size_t count);

    [[nodiscard]] std::size_t size() const noexcept { return changes_.size(); }
    [[nodiscard]] bool empty() const noexcept { return changes_.empty(); }
    [[nodiscard]] const CommitChange& operator[](std::size_t at) const noexcept {
        return changes_[at]->change;
    }
    [[nodiscard]] const std::optional<SnapshotPlace>& snapshot_after(
        std::size_t at) const noexcept {
        return changes_[at]->snapshot;
    }
    [[nodiscard]] const CommitChange& back() const noexcept { return changes_.back()->change; }

  private:
    struct Owned {
        Buffer bytes;
        CommitChange change;
        std::optional<SnapshotPlace> snapshot;
    };
    static constexpr std::size_t kept_bytes_max = 1024;
    std::deque<std::unique_ptr<Owned>> changes_;
    std::vector<std::unique_ptr<Owned>> unused_;
};

}  // namespace amphora::events
