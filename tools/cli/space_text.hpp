#pragma once

#include <amphora/database.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// A table or collection as text, as `dump` writes it and `load` reads it. Equal contents give
/// equal text.
namespace amphora::cli {

struct SpaceText {
    std::uint64_t entries = 0;   ///< rows or documents
    std::uint64_t bytes = 0;     ///< of the text
    std::uint64_t checksum = 0;  ///< of the text, see `TextChecksum`
    bool operator==(const SpaceText&) const = default;
};

/// The checksum of a text that comes in pieces of any size.
class TextChecksum {
  public:
    void add(std::string_view piece);
    [[nodiscard]] std::uint64_t finish();

  private:
    std::string block_;
    std::uint64_t checksum_ = 0;
};

/// Writes a table as CSV, a collection as JSON Lines, in order of the key, to `sink` piece by
/// piece.
SpaceText write_space(const Snapshot& now, const SpaceReport& space,
                      const std::function<void(std::string_view)>& sink);

/// The same without the text.
[[nodiscard]] SpaceText measure_space(const Snapshot& now, const SpaceReport& space);

}  // namespace amphora::cli
