#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace amphora {

/// What a repair takes out, with its bytes, for whoever can make something of it: a file of JSON
/// Lines.
///
///   {"store": "relational", "name": "customers", "key": "<hex>", "key_text": "...",
///    "why": "...", "value": "<hex>"}
///
/// `name` is a table or collection; empty where nothing tells whose the entry was. `value` is the
/// stored value, without the checksum where that had matched.
class Quarantine {
  public:
    static constexpr const char* name = "quarantine.jsonl";

    /// In `directory`; begins with what the file in `before` holds, if there is one.
    Quarantine(const std::string& directory, const std::string& before);

    void add(TreeId store, std::string_view space, Bytes key, Bytes value, std::string_view why);
    /// Everything is on stable storage; throws `io_error` or `disk_full` if it is not.
    void finish();

    /// Added by this repair.
    [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }

  private:
    std::string path_;
    std::ofstream file_;
    std::uint64_t entries_ = 0;
};

}  // namespace amphora
