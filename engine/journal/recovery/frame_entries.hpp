#pragma once

#include "journal/journal.hpp"
#include "journal/segment/frame.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace amphora::journal {

/// The commits of one frame, one after another.
class FrameEntries {
  public:
    /// Begins with the first commit after `after`. The bytes of `frame` must stay while entries are
    /// used. Throws `corrupt` if its records do not add up; `path` is for the message.
    void begin(const std::string& path, const FrameHeader& header, Bytes frame, Sequence after);
    void clear() noexcept;

    [[nodiscard]] std::optional<Entry> next() noexcept;

  private:
    FrameHeader header_;
    std::vector<Bytes> records_;
    std::size_t at_ = 0;
};

}  // namespace amphora::journal
