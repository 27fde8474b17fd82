#pragma once

#include "crash/cycle_plan.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace amphora::crash {

/// What the victims of one database have been promised, thread by thread, and whether it was kept.
///
/// A thread commits one transaction after the other, so what may be there after a kill is: every
/// acknowledged one, of those that returned as `buffered` after it any first part, and the one that
/// was on its way.
class Promises {
  public:
    /// A line of the victim, as victim.cpp lists them.
    void heard(const std::string& line);
    /// The victim was started, with so many threads.
    void started(std::uint32_t threads) { working_ = threads; }
    /// Somebody who opened the database found so many transactions of that thread: that is how it
    /// must stay from now on.
    void found(std::uint32_t thread, std::uint64_t there);

    [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
    [[nodiscard]] std::uint64_t lost() const { return lost_; }
    [[nodiscard]] std::uint64_t duplicated() const { return duplicated_; }
    /// What the victims complained of, and what was lost or too much, in words.
    [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
    [[nodiscard]] std::uint64_t torn() const { return torn_; }

  private:
    struct Thread {
        std::uint64_t promised = 0;
        std::uint64_t returned = 0;
        bool on_its_way = false;  ///< one more may have been
    };

    std::array<Thread, threads_max> threads_;
    std::uint32_t working_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t lost_ = 0;
    std::uint64_t duplicated_ = 0;
    std::uint64_t torn_ = 0;
    std::vector<std::string> complaints_;
};

}  // namespace amphora::crash
