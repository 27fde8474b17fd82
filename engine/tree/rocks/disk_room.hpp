#pragma once

#include "tree/rocks/opened_database.hpp"
#include "tree/tree.hpp"

#include <atomic>
#include <cstdint>

namespace amphora::rocks {

/// Whether the disk has room for what RocksDB will have to write later. A flush that fails on a
/// full disk is the failure that RocksDB recovers from badly; so nothing enters a memtable, and no
/// flush is asked for, unless it can be carried out.
class DiskRoom {
  public:
    DiskRoom(const OpenedDatabase& database, const RocksOptions& options)
        : database_(database),
          reserve_bytes_(options.reserve_bytes),
          margin_bytes_(options.memtable_bytes * options.memtables_max) {}

    /// Throws `disk_full` unless all memtables, and `more_bytes` in them, can be flushed.
    void require_for_flush(std::uint64_t more_bytes);
    /// Whether the last question was answered with `disk_full`.
    [[nodiscard]] bool is_full() const noexcept { return is_full_; }

    [[nodiscard]] tree::Tree::DiskNeed disk_need(tree::Tree::Load load) const;
    [[nodiscard]] tree::Tree::Room room_for(tree::Tree::Load load,
                                            std::uint64_t others_bytes) const;

  private:
    [[nodiscard]] std::uint64_t available_bytes() const;
    [[nodiscard]] std::uint64_t unflushed_bytes() const;

    const OpenedDatabase& database_;
    std::uint64_t reserve_bytes_;
    std::uint64_t margin_bytes_;
    std::atomic<bool> is_full_{false};
};

}  // namespace amphora::rocks
