#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace amphora::loading {

struct Rejection {
    std::uint64_t line = 0;  ///< the line of the file, from 1, on which the row or document begins
    std::string reason;
};

/// The rejected lines of a file: all are counted, the first ones by line are kept.
class Rejections {
  public:
    explicit Rejections(std::uint64_t kept_max) : kept_max_{kept_max} {}

    void add(std::uint64_t line, std::string reason);
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// In the order of lines.
    [[nodiscard]] std::vector<Rejection> kept() const;

  private:
    std::uint64_t kept_max_;
    std::uint64_t count_ = 0;
    std::vector<Rejection> heap_;  // a heap with the last line at the front
};

}  // namespace amphora::loading
