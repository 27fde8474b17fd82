#pragma once

#include "events/commit_change.hpp"
#include "events/sources.hpp"
#include "transaction/reading.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace amphora::events {

/// The rows and documents of a snapshot, as changes of the kind `read`: space by space, in the
/// order of their keys.
class SnapshotReader {
  public:
    /// `sources` must outlive it.
    SnapshotReader(const Sources& sources, std::shared_ptr<const transaction::Reading> snapshot,
                   std::vector<SpaceId> spaces);

    /// The next one, valid until the next call; null at the end. Throws `corrupt`,
    /// `snapshot_expired`.
    [[nodiscard]] const CommitChange* next();

  private:
    void open_space();

    const Sources& sources_;
    const std::shared_ptr<const transaction::Reading> snapshot_;
    const std::vector<SpaceId> spaces_;
    std::size_t at_ = 0;  ///< in `spaces_`
    std::unique_ptr<transaction::Cursor> cursor_;
    CommitChange change_;
};

}  // namespace amphora::events
