#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace amphora {

/// The entries that a repair takes out, with their bytes, for people: a file of JSON Lines.
///
///   {"store": "relational", "name": "customers", "key": "<hex>", "key_text": "...",
///    "why": "...", "value": "<hex>"}
///
/// `name` is a table or collection; empty if it is unknown. `value` is the stored value, without
/// the checksum if that had matched.
class Quarantine {
  public:
    static constexpr const char* name = "quarantine.jsonl";

    /// Makes the file in `directory`; it begins with the contents of the file in `before`, if there
    /// is one.
    Quarantine(const std::string& directory, const std::string& before);

    void add(TreeId store, std::string_view space, Bytes key, Bytes value, std::string_view why);
    /// Puts everything on stable storage. Throws `io_error` or `disk_full`.
    void finish();

    /// Entries added by this repair.
    [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }

  private:
    std::string path_;
    std::ofstream file_;
    std::uint64_t entries_ = 0;
};

}  // namespace amphora
