#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/recovery/found_chain.hpp"
#include "journal/segment/segment_reader.hpp"
#include "journal/segment/successor_block.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace amphora::journal {

/// Walks the frames of a segment that another process may be writing, cutting or recycling.
///
/// A frame that it gives was written in this life of the segment, whole, after the frame before it:
/// it carries the salt and the number of the segment's header, and the checksum of that frame.
/// Whether a new opening has cut it is known only afterwards, from the successor's link.
class FollowedSegment {
  public:
    /// Throws `Overtaken` if the file has vanished.
    FollowedSegment(FileSystem& files, FoundSegment found);

    /// The next frame; none if it was not written when the file was last read. Its bytes are valid
    /// until the next call of a function that is not const. Throws `Overtaken` if it is missing,
    /// although the end of the segment or later frames are known.
    [[nodiscard]] std::optional<SegmentReader::Frame> next();
    /// Forgets what was read ahead, because the owner may have written since.
    void look_again() noexcept { scan_->read_again(); }
    /// The segment that this one names as its successor; none if it is the newest. Throws
    /// `Overtaken` if the file has vanished, is too short or is not this segment any more.
    [[nodiscard]] std::optional<Successor> successor() const;
    /// The successor has been found: frames end where its link says. Throws `Overtaken` if the link
    /// is not to this segment, or if frames were cut that this object has given.
    void end_at(const SegmentHeader::Link& link);

    [[nodiscard]] bool is_at_end() const noexcept { return end_ && position() == end_->end; }
    [[nodiscard]] bool has_end() const noexcept { return end_.has_value(); }
    [[nodiscard]] const std::string& path() const noexcept { return found_.path; }
    [[nodiscard]] const SegmentHeader& header() const noexcept { return found_.header; }
    /// The end of the last frame that was given, and its checksum or the salt.
    [[nodiscard]] std::uint64_t position() const noexcept { return scan_->position(); }
    [[nodiscard]] std::uint64_t chain() const noexcept { return scan_->chain(); }

  private:
    [[nodiscard]] bool is_after_a_gap();
    void require_chain_of(const SegmentHeader::Link& link) const;
    [[noreturn]] void raise(const std::string& what) const;

    FileSystem& files_;
    FoundSegment found_;
    std::unique_ptr<File> file_;
    std::optional<SegmentReader> scan_;
    std::optional<SegmentHeader::Link> end_;
};

}  // namespace amphora::journal
