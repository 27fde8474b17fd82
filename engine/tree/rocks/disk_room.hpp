#pragma once

#include "tree/rocks/opened_database.hpp"
#include "tree/rocks/reserve_file.hpp"
#include "tree/tree.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>

namespace amphora::rocks {

/// Whether the disk has room for what RocksDB will have to write later. A flush that fails on a
/// full disk is the failure that RocksDB recovers from badly; so nothing enters a memtable, and no
/// flush is asked for, unless it can be carried out.
///
///   flush        what is in memtables, once. May take the reserve.
///   compaction   a copy of what it merges, until the old files are gone. At most as much as there
///                is in table files, and at most some memtables. Puts leave that much free.
///                Compactions do not begin without half of it: after puts have stopped, removals
///                take some, and what was removed is not copied.
///   reserve      for flushing removals, in a file of its own
class DiskRoom {
  public:
    DiskRoom(OpenedDatabase& database, const RocksOptions& options, tree::OpenMode mode);

    /// Throws `disk_full` unless all memtables, and `more_bytes` in them, can be flushed. Gives up
    /// as much of the reserve as that takes. By the writing thread.
    void require_for_flush(std::uint64_t more_bytes);
    /// So much has entered the memtables. By the writing thread.
    void add_unflushed(std::uint64_t bytes) noexcept { entered_bytes_ += bytes; }
    /// Fills the reserve up where there is room, and lets compactions begin or not. By the writing
    /// thread, after each delivery.
    void keep() noexcept;
    /// Whether the last question was answered with `disk_full`.
    [[nodiscard]] bool is_full() const noexcept { return is_full_; }

    [[nodiscard]] tree::Tree::DiskNeed disk_need(tree::Tree::Load load) const;
    [[nodiscard]] tree::Tree::Room room_for(tree::Tree::Load load,
                                            std::uint64_t others_bytes) const;

  private:
    [[nodiscard]] std::uint64_t available_bytes() const;
    [[nodiscard]] std::uint64_t unflushed_bytes() const;
    [[nodiscard]] std::uint64_t table_bytes() const;
    [[nodiscard]] std::uint64_t compaction_bytes(std::uint64_t in_memtables) const;
    [[nodiscard]] std::uint64_t reserve_wanted() const;
    [[nodiscard]] bool has_room_to_compact() const;
    void allow_compactions(bool allowed) const;

    OpenedDatabase& database_;
    std::uint64_t reserve_bytes_;
    std::uint64_t compaction_bytes_max_;
    std::atomic<bool> is_full_{false};
    /// Since the memtables were last empty. RocksDB itself counts the memory that it has allocated,
    /// which is megabytes for the first small removal.
    std::atomic<std::uint64_t> entered_bytes_{0};

    mutable std::mutex mutex_;
    mutable std::atomic<bool> compactions_allowed_;  ///< changed under the mutex
    ReserveFile reserve_;
};

}  // namespace amphora::rocks
