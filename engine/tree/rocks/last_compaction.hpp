#pragma once

#include "tree/rocks/opened_database.hpp"
#include "tree/rocks/watched_files.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace amphora::rocks {

/// The last resort where the disk is too full for compactions.
///
/// Nothing but a compaction gives back what was removed, and what it takes for a time is what is
/// left in the files that it merges: little, if most of that was removed. How much that is shows
/// only as it is written. So a compaction is begun, each piece that it writes asks for its room,
/// and where there is none any more it is called off: its files are deleted, and nothing has
/// failed.
///
/// Threads: the one that writes the tree; `before_write` RocksDB's.
class LastCompaction final : public WriteWatch {
  public:
    /// Finds room on the disk for so many bytes, or says that there is none.
    using TakeRoom = std::function<bool(std::uint64_t bytes)>;

    /// Up to `whole_bytes_max` the tree is compacted as a whole, beyond it only what was removed.
    LastCompaction(OpenedDatabase& database, std::uint64_t whole_bytes_max, TakeRoom take_room)
        : database_(database),
          whole_bytes_max_(whole_bytes_max),
          take_room_(std::move(take_room)) {}

    enum class Cause : std::uint8_t {
        delivered,  ///< more was removed: worth it only when that is much
        refused,    ///< otherwise nothing can be removed any more
    };
    /// An attempt with `room_bytes` to write to, unless it would end as the last one did. Whether
    /// the table files take less now.
    bool run(Cause cause, std::uint64_t room_bytes);

    void before_write(std::uint64_t bytes) noexcept override;

  private:
    struct Range {
        std::string first, last;
    };
    /// The table files, as far as it matters here.
    struct Files {
        std::uint64_t bytes = 0;
        std::uint64_t entries = 0;
        std::uint64_t removals = 0;
        std::vector<Range> mostly_removals;
    };
    [[nodiscard]] Files files() const;
    [[nodiscard]] bool is_worth_it(Cause cause, const Files& now, std::uint64_t room_bytes);
    [[nodiscard]] bool compact(const Range* range);
    void delete_unfinished() const;

    OpenedDatabase& database_;
    const std::uint64_t whole_bytes_max_;
    const TakeRoom take_room_;
    std::atomic<bool> is_called_off_{false};

    struct Attempt {
        std::uint64_t removals = 0;
        std::uint64_t room_bytes = 0;
        std::int64_t next_ms = 0;
        std::int64_t wait_ms = 0;
    };
    std::optional<Attempt> last_;
};

}  // namespace amphora::rocks
