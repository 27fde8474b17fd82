#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace amphora::corruption {

/// A sound database as it lies on the disk, to be copied and damaged.
class Image {
  public:
    enum class Ending : std::uint8_t { closed, killed };

    /// Closed after `transactions`; or killed after so many, of which the trees have half and the
    /// journal has all the others, in several segments.
    Image(const std::string& directory, Ending ending, std::uint64_t seed,
          std::uint64_t transactions);

    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
    [[nodiscard]] Ending ending() const noexcept { return ending_; }
    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
    [[nodiscard]] std::uint64_t transactions() const noexcept { return transactions_; }
    /// Files that hold something, as paths below the directory, sorted.
    [[nodiscard]] const std::vector<std::string>& files() const noexcept { return files_; }
    /// Of the journal's segments the one that was written last.
    [[nodiscard]] const std::string& newest_segment() const noexcept { return newest_segment_; }

    void copy_to(const std::string& directory) const;
    [[nodiscard]] std::string read(const std::string& file) const;

  private:
    std::string directory_;
    Ending ending_;
    std::uint64_t seed_;
    std::uint64_t transactions_;
    std::vector<std::string> files_;
    std::string newest_segment_;
};

/// What the witness said and how it ended.
struct Testimony {
    std::vector<std::string> lines;
    int signal = 0;  ///< that it died of
    int code = 0;
};
[[nodiscard]] Testimony ask_witness(const std::vector<std::string>& words);

}  // namespace amphora::corruption
