#pragma once

#include "base/ids.hpp"

#include <deque>
#include <optional>

namespace amphora::journal {

/// Finds the frame of a commit: the marks of the last commits of all frames that are not recycled,
/// in order, and of the commit before the first of them.
class FrameIndex {
  public:
    /// Removes everything; `prior` is the last commit that is not in any frame.
    void start_after(const Mark& prior) {
        ends_.clear();
        prior_ = prior;
    }
    /// `end` is the mark of the last commit of the next frame.
    void add(const Mark& end) { ends_.push_back(end); }
    /// Removes the frames up to `prior`, which must be the end of one of them.
    void drop_through(const Mark& prior) {
        while (!ends_.empty() && ends_.front().sequence <= prior.sequence) ends_.pop_front();
        prior_ = prior;
    }
    /// Removes the frames after `last`, which must be the end of one of them.
    void drop_after(Sequence last) {
        while (!ends_.empty() && ends_.back().sequence > last) ends_.pop_back();
    }

    [[nodiscard]] const Mark& prior() const noexcept { return prior_; }
    [[nodiscard]] const Mark& last() const noexcept {
        return ends_.empty() ? prior_ : ends_.back();
    }
    /// None for a commit before the prior one or after the last.
    [[nodiscard]] std::optional<Mark> find(Sequence sequence) const;

  private:
    Mark prior_;
    std::deque<Mark> ends_;
};

}  // namespace amphora::journal
