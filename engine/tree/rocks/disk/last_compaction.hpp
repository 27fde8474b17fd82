#pragma once

#include "tree/rocks/database/opened_database.hpp"
#include "tree/rocks/environment/watched_files.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace amphora::rocks {

/// Frees the space of removed entries when the disk is too full for ordinary compactions.
///
/// Only a compaction frees this space. While it runs, it needs room for the entries that remain in
/// the files that it merges: little, if most of their entries were removed. How much it needs is
/// known only as it writes. So a compaction is begun, and room is requested for each piece before
/// it is written. If there is none, the compaction is cancelled: its files are deleted, and this
/// is not a failure.
///
/// Threads: the writing thread of the tree. RocksDB's threads call `before_write`.
class LastCompaction final : public WriteWatch {
  public:
    /// Makes sure that the disk has room for this many bytes; false if it has not.
    using TakeRoom = std::function<bool(std::uint64_t bytes)>;

    /// A tree of up to `whole_bytes_max` is compacted as a whole. Of a larger tree only the files
    /// are compacted in which at least half of the entries are removals.
    LastCompaction(OpenedDatabase& database, std::uint64_t whole_bytes_max, TakeRoom take_room)
        : database_{database},
          whole_bytes_max_{whole_bytes_max},
          take_room_{std::move(take_room)} {}

    enum class Cause : std::uint8_t {
        delivered,  ///< after a delivery: worth an attempt only if it removed much
        refused,    ///< the disk is too full to remove anything
    };
    /// Attempts a compaction with room for `room_bytes`, unless it would end as the last attempt
    /// did. True if the table files use less space now.
    bool run(Cause cause, std::uint64_t room_bytes);

    void before_write(std::uint64_t bytes) noexcept override;

  private:
    struct Range {
        std::string first, last;
    };
    /// Totals of the table files.
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
