#pragma once

#include <amphora/database.hpp>
#include <amphora/feed.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace amphora::workload {

/// A copy of the whole database that knows nothing of it but its change feed: a second reader, whose
/// place is kept outside of the database as text.
///
/// It begins with a snapshot, and applies every change. A row that is inserted must not be in the
/// copy, and one that is changed or erased must be. So a change that is missing shows, and so does
/// one that comes twice.
class FeedCopy {
  public:
    /// Continues after its position, and begins again with a snapshot if it has none, if the changes
    /// after it are gone, or if a restore has left out its commit.
    void open(const Database& database);
    /// Forgets the feed, as a process that ends does, and keeps the position.
    void close() { feed_.reset(); }

    /// Takes every change up to the last commit, which this makes durable. Returns what is wrong:
    /// changes that do not fit the copy, and all differences from what the database shows then.
    /// Nobody may commit meanwhile.
    [[nodiscard]] std::vector<std::string> catch_up(const Database& database);

    [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }

  private:
    using Entries = std::map<std::string, std::string>;
    void take(const Change& change);

    std::optional<Feed> feed_;
    std::string position_;                   // as text; empty: begins with a snapshot
    std::map<std::string, Entries> spaces_;  // by table or collection
    std::vector<std::string> wrong_;
    std::uint64_t changes_ = 0;
};

}  // namespace amphora::workload
