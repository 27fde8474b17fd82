#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/recovery/found_chain.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace amphora::journal {

/// The segments of a journal that another process writes, as their headers were while they were
/// read one after another. They are not from one moment: files that vanish meanwhile are left out,
/// and a chain may have gaps.
class SeenSegments {
  public:
    /// Reads the headers of all segment files. Throws `Overtaken` for a file of another database or
    /// timeline, `newer_format`, and `unsupported` for an old format.
    SeenSegments(FileSystem& files, const std::string& directory, const Identity& identity);

    /// Null if it was not seen.
    [[nodiscard]] const FoundSegment* find(std::uint64_t number, std::uint64_t salt) const;
    /// The chain that ends with the newest segment, oldest first, as far back as it was seen.
    /// Throws `Overtaken` if there is none, or a segment names one that is newer than the newest.
    [[nodiscard]] std::vector<FoundSegment> chain() const;

  private:
    std::map<std::uint64_t, FoundSegment> by_number_;
    std::uint64_t named_highest_ = 0;  ///< as a successor
};

}  // namespace amphora::journal
