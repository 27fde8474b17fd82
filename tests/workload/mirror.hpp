#pragma once

#include <amphora/database.hpp>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace amphora::workload {

/// Copies of owners, items and notes that consumers keep inside of the database, in both stores.
///
/// One consumer copies owners into rows: by partitions, and its handler throws now and then, so some
/// changes are set aside. One copies notes into documents, prepared on two threads, some of them
/// slowly. One copies items into rows, and may be skipped (`FeedFull::skip`). All begin with a
/// snapshot, and can start again. Each change must fit the copy: what is inserted must
/// not be there, and what is changed or erased must be. So a change that takes effect twice, not at
/// all, or out of order shows.
class Mirror {
  public:
    /// Runs the consumers. The database must outlive it.
    Mirror(Database& database, std::uint64_t seed);

    /// Waits until the consumers have handled everything that is committed, and returns what is
    /// wrong: changes that do not fit, a consumer that has lost its place, and differences between
    /// copies and originals. Nobody else may commit meanwhile.
    [[nodiscard]] std::vector<std::string> catch_up();
    /// The error that has stopped a consumer; none: all of them run.
    [[nodiscard]] std::optional<std::string> why_stopped() const;
    /// While it is paused, items are not copied. Where `Options::feed_bytes_max` is small, their
    /// consumer then loses its place.
    void pause_items() { items_->pause(); }
    void resume_items() { items_->resume(); }

  private:
    [[nodiscard]] std::vector<const Subscription*> all() const;

    Database& database_;
    std::atomic<int> starts_again_{0};  ///< how often a consumer had lost its place
    std::optional<Subscription> owners_;
    std::optional<Subscription> items_;
    std::optional<Subscription> notes_;
};

}  // namespace amphora::workload
