#pragma once

#include "base/file_copy.hpp"

#include <amphora/backup.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace amphora {

/// Adds up the copied bytes, and reports them.
class CopyCounter {
  public:
    CopyCounter(std::uint64_t total, CopyProgress progress)
        : total_{total}, progress_{std::move(progress)} {}

    void add(std::uint64_t bytes) {
        done_ += bytes;
        total_ = std::max(total_, done_);
        if (progress_) progress_(done_, total_);
    }
    [[nodiscard]] Copied adder() {
        return [this](std::uint64_t bytes) { add(bytes); };
    }
    /// The total is now known.
    void finish() {
        total_ = done_;
        if (progress_) progress_(done_, total_);
    }
    [[nodiscard]] std::uint64_t done() const noexcept { return done_; }

  private:
    std::uint64_t done_ = 0;
    std::uint64_t total_;
    CopyProgress progress_;
};

}  // namespace amphora
