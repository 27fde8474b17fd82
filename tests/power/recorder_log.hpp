#pragma once

#include "power/record.hpp"

#include <array>
#include <mutex>
#include <string>
#include <string_view>

namespace amphora::power {

/// What the recorder knows: its log, and which descriptors lead below the watched directory.
///
/// A thread that changes a name or a descriptor holds `names()` during the call and its record, so
/// that the log has them in the order in which they happened.
class RecorderLog {
  public:
    enum class Watch : std::uint8_t { no, file, directory };

    /// One for the process; never destroyed, because threads may write until the end.
    static RecorderLog& of_process();

    /// Appends one record and gives its number.
    std::uint64_t append(RecordKind kind, int descriptor, std::uint64_t argument,
                         std::string_view data = {});
    void append_returned(std::uint64_t number, std::int64_t result);
    /// Something that the replay cannot follow.
    void append_offence(std::string_view what, std::string_view where);

    [[nodiscard]] std::recursive_mutex& names() { return names_; }
    /// The path in full, or empty if it is not below the watched directory.
    [[nodiscard]] std::string watched(int directory, const char* path) const;
    [[nodiscard]] Watch watch(int descriptor) const;
    void set_watch(int descriptor, Watch watch);

  private:
    static constexpr std::size_t descriptors_max = 1 << 16;

    RecorderLog();
    void put(RecordHead head, std::string_view data);

    int log_ = -1;
    std::string directory_;
    std::mutex mutex_;
    std::recursive_mutex names_;
    std::uint64_t next_ = 1;
    std::array<Watch, descriptors_max> watches_{};
};

}  // namespace amphora::power
