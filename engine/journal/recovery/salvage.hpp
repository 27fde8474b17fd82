#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/journal.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Everything that can still be read from a damaged journal: every frame that verifies by itself,
/// anywhere and whatever is missing around it. A segment whose headers are gone is identified by
/// the salt in its frames.
///
/// If two segments hold a commit, the later one counts: it replaced what an opening had cut. Frames
/// after the end that a later header gives to a segment were cut, and do not count.
namespace amphora::journal {

class SalvagedJournal {
  public:
    /// Reads the places of the frames and the headers, not the commits. `identity` none: segments
    /// of any database.
    SalvagedJournal(FileSystem& files, const std::string& directory,
                    const std::optional<Identity>& identity);

    /// The database, by the newest readable header.
    [[nodiscard]] const std::optional<Identity>& identity() const noexcept { return identity_; }
    [[nodiscard]] Epoch epoch_highest() const noexcept { return epoch_highest_; }
    /// The first and the last commit that can be read; 0: none.
    [[nodiscard]] Sequence first() const noexcept {
        return frames_.empty() ? Sequence{} : frames_.begin()->first;
    }
    [[nodiscard]] Sequence last() const noexcept;
    /// The first commit of the unbroken run that holds `sequence`; the one after `sequence` if it
    /// cannot be read.
    [[nodiscard]] Sequence begin_of_run(Sequence sequence) const noexcept;
    /// Runs of commits after `after` that cannot be read, although a later one can, or although a
    /// segment says that there was a later one.
    [[nodiscard]] std::vector<std::string> gaps(Sequence after) const;

    /// The last commit that is known to have existed, readable or not.
    [[nodiscard]] Sequence last_known() const noexcept { return std::max(last(), last_known_); }
    /// Reasons why there may have been more commits at the end than can be read: no segment at all,
    /// a newest segment that was cut, or a frame in it that does not verify. A closed journal says
    /// where it ends.
    [[nodiscard]] std::vector<std::string> doubts_about_end(SegmentFiles kind) const;

    /// Calls `visit` for every readable commit from `first` on, in order.
    void replay(Sequence first, const std::function<void(const Entry&)>& visit) const;

  private:
    struct Segment {
        std::string path;
        std::uint64_t number = 0;
        std::uint64_t salt = 0;
        std::uint64_t end = UINT64_MAX;
        std::uint64_t file_bytes = 0;        ///< the original size; 0: unknown
        std::uint64_t reached = 0;           ///< end of its last readable frame
        std::uint64_t checksum_reached = 0;  ///< of that frame
        bool is_closed = false;              ///< that frame closes the journal
    };
    /// A frame, by its first commit.
    struct FramePosition {
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
    std::map<Sequence, FramePosition> frames_;
    std::optional<Identity> identity_;
    Epoch epoch_highest_{};
    std::uint64_t lost_ = 0;  ///< number of the newest segment, if it is not found
    Sequence last_known_{};
};

}  // namespace amphora::journal
