#pragma once

#include "base/bytes.hpp"

#include <amphora/types.hpp>

#include <vector>

namespace amphora::journal {

/// Records that were appended and are not yet written, oldest first. Room is reserved before, so a
/// push cannot fail.
///
/// Invariant: what `take` returned does not move until the next `take`: it is read without the
/// journal's lock, while others append.
class CommitQueue {
  public:
    CommitQueue() {
        // For a push after a `take` that came between it and `reserve_one`.
        taken_.reserve(records_least);
    }

    void reserve_one() {
        if (records_.size() == records_.capacity()) {
            records_.reserve(2 * records_.size() + records_least);
        }
    }
    void push(Buffer record) noexcept { records_.push_back(std::move(record)); }
    [[nodiscard]] bool empty() const noexcept { return records_.empty(); }
    [[nodiscard]] const std::vector<Buffer>& records() const noexcept { return records_; }

    /// The whole queue, valid until the next call of `take`. The queue continues empty, with room
    /// for at least one.
    [[nodiscard]] const std::vector<Buffer>& take() noexcept {
        taken_.clear();
        taken_.swap(records_);
        return taken_;
    }

  private:
    static constexpr std::size_t records_least = 64;
    std::vector<Buffer> records_;
    std::vector<Buffer> taken_;
};

/// The commits that have not reached their own durability. Consecutive commits of one durability
/// are one run.
///
/// Invariant: `visible` is the highest sequence such that every commit up to it has reached its own
/// durability.
class Visibility {
  public:
    /// The highest sequence that each durability has reached.
    struct Reached {
        Sequence appended, written, durable;

        [[nodiscard]] Sequence of(Durability durability) const noexcept {
            switch (durability) {
                case Durability::buffered:
                    return appended;
                case Durability::written:
                    return written;
                case Durability::synced:
                    break;
            }
            return durable;
        }
    };

    void reserve_one() {
        if (first_ > 0 && runs_.size() == runs_.capacity()) {
            runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(first_));
            first_ = 0;
        }
        if (runs_.size() == runs_.capacity()) runs_.reserve(2 * runs_.size() + 16);
    }
    void push(Sequence sequence, Durability durability) noexcept {
        if (first_ < runs_.size() && runs_.back().durability == durability) {
            runs_.back().last = sequence;
        } else {
            runs_.push_back({.first = sequence, .last = sequence, .durability = durability});
        }
    }

    /// The new visible sequence, if it was `visible` before.
    [[nodiscard]] Sequence advance(Sequence visible, const Reached& reached) noexcept {
        while (first_ < runs_.size()) {
            const Run& run = runs_[first_];
            const Sequence so_far = reached.of(run.durability);
            if (so_far < run.last) return so_far < run.first ? visible : so_far;
            visible = run.last;
            if (++first_ == runs_.size()) {
                runs_.clear();
                first_ = 0;
            }
        }
        return visible;
    }

    /// Whether a commit up to `sequence` waits for a sync.
    [[nodiscard]] bool needs_sync(Sequence sequence) const noexcept {
        for (std::size_t i = first_; i < runs_.size() && runs_[i].first <= sequence; ++i) {
            if (runs_[i].durability == Durability::synced) return true;
        }
        return false;
    }

  private:
    struct Run {
        Sequence first, last;
        Durability durability;
    };
    std::vector<Run> runs_;
    std::size_t first_ = 0;  ///< the runs before it have been reached
};

}  // namespace amphora::journal
