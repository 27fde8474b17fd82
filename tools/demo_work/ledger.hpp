#pragma once

#include "demo_work/step.hpp"

#include <amphora/database.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace amphora::demo {

/// The steps that the worker reported as acknowledged, and the ones that it was about to do when it
/// was killed. The latter may be stored once, as a whole, or not at all.
class Ledger {
  public:
    void hear(const Step& step);

    [[nodiscard]] std::uint64_t acknowledged() const noexcept { return acknowledged_; }

    struct Line {
        std::string what;
        std::uint64_t acknowledged = 0;  ///< steps that must be stored
        std::uint64_t unknown = 0;       ///< steps that may be stored
        std::uint64_t found = 0;
        std::uint64_t lost = 0;
        std::uint64_t duplicated = 0;
    };
    struct Verdict {
        std::vector<Line> lines;
        std::vector<std::string> findings;
        std::uint64_t lost = 0;
        std::uint64_t duplicated = 0;
    };

    /// Checks both stores, in one snapshot.
    [[nodiscard]] Verdict judge(const Database& database) const;

  private:
    using Taken = std::pair<std::int64_t, std::int64_t>;  // user, mission

    std::uint64_t acknowledged_ = 0;
    std::uint64_t presses_refused_ = 0;
    std::map<std::string, std::int64_t> signups_;  // e-mail -> user
    std::set<std::string> signups_unknown_;
    std::set<Taken> takes_, takes_unknown_;
    std::map<Taken, std::int64_t> completions_, completions_unknown_;  // -> points
    std::map<std::string, std::int64_t> feedback_, feedback_unknown_;  // _id -> user
};

}  // namespace amphora::demo
