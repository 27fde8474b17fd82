#pragma once

#include "corruption/page_entries.hpp"
#include "corruption/shape.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace amphora::corruption {

/// The files of a sound database, to be copied and damaged.
class Image {
  public:
    /// Of `shapes[shape]`: closed after `transactions`, or killed after so many, of which the trees
    /// have half and the journal has all the others.
    Image(const std::string& directory, std::size_t shape, std::uint64_t seed,
          std::uint64_t transactions);

    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
    [[nodiscard]] const Shape& shape() const noexcept { return shapes[shape_]; }
    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
    [[nodiscard]] std::uint64_t transactions() const noexcept { return transactions_; }
    /// Files that hold something, as paths below the directory, sorted.
    [[nodiscard]] const std::vector<std::string>& files() const noexcept { return files_; }
    /// The offsets of the relational tree's entries in `relational/data.mdb`.
    [[nodiscard]] const PageEntries& entries() const noexcept { return entries_; }
    /// Of the journal's segments the one that was written last.
    [[nodiscard]] const std::string& newest_segment() const noexcept { return newest_segment_; }
    /// Whether a frame of that segment says that the last commit is durable. A kill may come before
    /// there is one.
    [[nodiscard]] bool proves_last_commit() const noexcept { return proves_last_commit_; }

    void copy_to(const std::string& directory) const;
    [[nodiscard]] std::string read(const std::string& file) const;

  private:
    std::string directory_;
    std::size_t shape_;
    std::uint64_t seed_;
    std::uint64_t transactions_;
    std::vector<std::string> files_;
    PageEntries entries_;
    std::string newest_segment_;
    bool proves_last_commit_ = false;
};

/// What the witness said and how it ended.
struct Testimony {
    std::vector<std::string> lines;
    int signal = 0;  ///< that it died of
    int code = 0;
};
[[nodiscard]] Testimony ask_witness(const std::vector<std::string>& words);

}  // namespace amphora::corruption
