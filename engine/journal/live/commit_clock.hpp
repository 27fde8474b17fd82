#pragma once

#include "base/log.hpp"

#include <cstdint>

/// The times of commits while a journal is open: those of the wall clock, but never decreasing.
/// Each opening begins with the wall clock again, whatever times the commits before it have: a
/// clock that was wrong once does not affect later openings.
///
/// A jump of the wall clock by more than an hour is reported once: at opening against the time of
/// the last commit, later against the time that has passed since.
///
/// For one thread at a time. The caller must not hold a lock that the log function could need.
namespace amphora::journal {

class CommitClock {
  public:
    /// `last_us` is the time of the last commit so far; 0: there is none.
    CommitClock(std::int64_t last_us, Log log);

    /// The time for the next frame.
    [[nodiscard]] std::int64_t next_us();

  private:
    void tell_opening(std::int64_t last_us, std::int64_t now_us) const;
    void tell_jump(std::int64_t expected_us, std::int64_t now_us) const;

    Log log_;
    std::int64_t time_us_;       ///< the last time that was given, or that of the opening
    std::int64_t ahead_us_ = 0;  ///< the wall clock minus the uptime
    bool given_ = false;
};

}  // namespace amphora::journal
