#pragma once

#include "base/file.hpp"
#include "journal/archive/archived_chain.hpp"
#include "journal/segment/segment_reader.hpp"

#include <memory>
#include <optional>

namespace amphora::journal {

/// The frames of one part of an archived chain, one after another.
class PartWalk {
  public:
    /// The part must outlive it.
    PartWalk(FileSystem& files, const ArchivedChain::Part& part);
    /// None at the end, or where the part is cut. Throws `corrupt`.
    [[nodiscard]] std::optional<SegmentReader::Frame> next();
    /// The last commit that was passed, or the one before the part.
    [[nodiscard]] const Mark& end() const noexcept { return end_; }

  private:
    const ArchivedChain::Part& part_;
    const std::uint64_t readable_bytes_;
    std::unique_ptr<File> file_;
    SegmentReader reader_;
    Mark end_;
};

}  // namespace amphora::journal
