#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/journal.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What can still be read from a damaged journal: every frame that verifies by itself, wherever it
/// lies and whatever is missing around it. A segment whose headers are gone is known by the salt in
/// its frames.
///
/// Where two segments hold a commit, the later one counts: it replaced what opening had cut. What
/// lies behind the end that a later header gives to a segment was cut, and does not count at all.
namespace amphora::journal {

class SalvagedJournal {
  public:
    /// Reads the frames' places and the headers, not the commits. `identity` none: whoever the
    /// segments belong to.
    SalvagedJournal(FileSystem& files, const std::string& directory,
                    const std::optional<Identity>& identity);

    /// Whose it is, by its newest header that can be read.
    [[nodiscard]] const std::optional<Identity>& identity() const noexcept { return identity_; }
    [[nodiscard]] Epoch epoch_highest() const noexcept { return epoch_highest_; }
    /// The last commit that can be read; 0: none.
    [[nodiscard]] Sequence last() const noexcept;
    /// The first commit of the unbroken run that holds `sequence`; the one after `sequence` if it
    /// cannot be read.
    [[nodiscard]] Sequence begin_of_run(Sequence sequence) const noexcept;
    /// Runs of commits after `after` that cannot be read although a later one can, or although a
    /// segment says that there was a later one.
    [[nodiscard]] std::vector<std::string> gaps(Sequence after) const;

    /// Calls `visit` for every readable commit from `first` on, in order.
    void replay(Sequence first, const std::function<void(const Entry&)>& visit) const;

  private:
    struct Segment {
        std::string path;
        std::uint64_t number = 0;
        std::uint64_t salt = 0;
        std::uint64_t end = UINT64_MAX;
    };
    /// A frame by its first commit.
    struct Place {
        std::size_t segment = 0;
        std::uint64_t offset = 0;
        std::uint32_t bytes = 0;
        Sequence last{};
    };

    void find_segments(const std::string& directory, const std::optional<Identity>& identity);
    void find_headless(const std::string& path, std::map<std::uint64_t, std::uint64_t>& missing);
    void find_frames(std::size_t segment);

    FileSystem& files_;
    std::vector<Segment> segments_;  ///< by number
    std::map<Sequence, Place> frames_;
    std::optional<Identity> identity_;
    Epoch epoch_highest_{};
    std::uint64_t lost_ = 0;  ///< number of the newest segment, if it is not found
};

}  // namespace amphora::journal
