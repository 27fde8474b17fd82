#pragma once

#include "tree/rocks/database/disk_space.hpp"
#include "tree/rocks/database/opened_database.hpp"
#include "tree/rocks/database/reserve_file.hpp"
#include "tree/rocks/disk/last_compaction.hpp"
#include "tree/tree.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>

namespace amphora::rocks {

/// Whether the disk has room for what RocksDB will have to write later. RocksDB recovers badly from
/// a flush that fails on a full disk. So nothing enters a memtable, and no flush is requested,
/// unless there is room for it.
///
///   flush        writes what is in memtables, once. May use the reserve.
///   compaction   writes a copy of what it merges, and then deletes the old files. Needs at most
///                the size of all table files, and in a large tree about that of thirteen files.
///                Puts leave that much free, and no compaction begins by itself without it.
///   reserve      is for flushing removals, in a file of its own. Its last part is for opening the
///                tree, and for the last compaction.
///
/// If compactions have no room, removed entries keep their space, and at last there is no room to
/// flush a removal. So if much was removed, and if nothing can be removed any more, a compaction is
/// attempted that may be cancelled (`LastCompaction`).
class DiskRoom {
  public:
    DiskRoom(OpenedDatabase& database, const RocksOptions& options, tree::OpenMode mode);

    /// Throws `disk_full` unless all memtables, and `more_bytes` in them, can be flushed. Gives up
    /// as much of the reserve as that needs, except its last part, and forbids compactions to begin
    /// if they have no room. Called by the writing thread.
    void require_for_flush(std::uint64_t more_bytes);
    /// This many bytes have entered the memtables. Called by the writing thread.
    void add_unflushed(std::uint64_t bytes) noexcept { entered_bytes_ += bytes; }
    /// Fills the reserve if there is room, allows or forbids compactions to begin, and reclaims if
    /// much was removed. Called by the writing thread, after each delivery.
    void keep() noexcept;
    /// Gives back the space of removed entries while compactions are forbidden. Called by the
    /// writing thread.
    void reclaim() noexcept;
    /// Whether the last request got `disk_full`.
    [[nodiscard]] bool is_full() const noexcept { return is_full_; }

    [[nodiscard]] tree::Tree::DiskNeed disk_need(tree::Tree::Load load) const;
    [[nodiscard]] tree::Tree::Room room_for(tree::Tree::Load load,
                                            std::uint64_t others_bytes) const;

  private:
    [[nodiscard]] DiskSpace space() const;
    [[nodiscard]] bool is_compacting() const;
    /// Takes what is missing from the reserve. Returns what is free then: at least `bytes`, if the
    /// reserve was large enough.
    [[nodiscard]] std::uint64_t take_for_flush(std::uint64_t bytes);
    /// Whether there is room for a piece of a last compaction. Takes it from the reserve if
    /// allowed.
    [[nodiscard]] bool take_last_room(std::uint64_t bytes);
    bool reclaim(LastCompaction::Cause cause);
    void forbid_compactions();
    void note_flushed();
    void look_at_tables();
    void fill_reserve();
    [[nodiscard]] std::uint64_t unflushed_bytes() const;
    [[nodiscard]] std::uint64_t table_bytes() const;
    [[nodiscard]] std::uint64_t compaction_bytes(std::uint64_t in_memtables) const;
    [[nodiscard]] std::uint64_t reserve_wanted() const;
    void allow_where_there_is_room() const;
    void allow_compactions(bool allowed) const;

    OpenedDatabase& database_;
    std::uint64_t reserve_bytes_;
    std::uint64_t table_file_bytes_;
    std::uint64_t compaction_bytes_max_;
    std::atomic<std::uint64_t> merged_bytes_{0};  ///< what the next compaction copies
    std::atomic<bool> may_take_reserve_{false};   ///< whether the last compaction may
    std::atomic<bool> is_full_{false};
    /// Since the memtables were last empty. RocksDB itself counts the memory that it has allocated,
    /// which is megabytes for the first small removal.
    std::atomic<std::uint64_t> entered_bytes_{0};

    mutable std::mutex mutex_;
    mutable std::atomic<bool> compactions_allowed_;  ///< changed under the mutex
    ReserveFile reserve_;
    LastCompaction last_compaction_;
};

}  // namespace amphora::rocks
