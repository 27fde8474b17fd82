#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace amphora::console {

/// A line on the error output that shows how much of a long work is done, at what rate, and how
/// long the rest will take:
///
///   loading users  [##########----------]  50%  25,000 of 50,000  12,400/s  2.0 s left
///
/// On a terminal the line is redrawn a few times a second; elsewhere only the last one is printed.
class ProgressBar {
  public:
    /// `total` 0: not known.
    ProgressBar(std::string title, std::uint64_t total);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void advance_to(std::uint64_t done);
    /// `done`: how many there really were.
    void finish(std::uint64_t done);
    /// Prints a line of its own above the bar.
    void say(const std::string& line);

    [[nodiscard]] double seconds() const;

  private:
    using Clock = std::chrono::steady_clock;
    void draw(bool last);

    std::string title_;
    std::uint64_t total_;
    std::uint64_t done_ = 0;
    bool terminal_;
    bool finished_ = false;
    Clock::time_point started_ = Clock::now();
    Clock::time_point drawn_{};
};

}  // namespace amphora::console
