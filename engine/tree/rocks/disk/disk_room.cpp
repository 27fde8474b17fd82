#include "tree/rocks/disk/disk_room.hpp"

#include "tree/disk_reserve.hpp"
#include "tree/rocks/disk/compaction_need.hpp"
#include "tree/rocks/environment/status.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::rocks {

namespace {

constexpr std::uint64_t entry_overhead = 32;

/// For a flush: the table file's overhead, the list of files, the file of options.
constexpr std::uint64_t flush_overhead(std::uint64_t in_memtables) noexcept {
    return (128u << 10) + in_memtables / 16;
}

constexpr std::uint64_t flushed_bytes(std::uint64_t in_memtables) noexcept {
    return in_memtables + flush_overhead(in_memtables);
}

/// For the list of files and the file of options, when one of them changes.
constexpr std::uint64_t manifest_bytes = 32u << 10;

constexpr std::uint64_t less(std::uint64_t a, std::uint64_t b) noexcept {
    return a > b ? a - b : 0;
}

bool allows_compactions(const OpenedDatabase& database) {
    return database.inside(
        [](rocksdb::DB& rocks) { return !rocks.GetOptions().disable_auto_compactions; });
}

}  // namespace

DiskRoom::DiskRoom(OpenedDatabase& database, const RocksOptions& options, tree::OpenMode mode)
    : database_{database},
      reserve_bytes_{options.reserve_bytes},
      table_file_bytes_{options.table_bytes},
      compaction_bytes_max_{compaction_bytes_max(options)},
      compactions_allowed_{allows_compactions(database)},
      reserve_{tree::writes(mode) ? database.descriptor() : -1},
      last_compaction_{database, compaction_bytes_max_,
                       [this](std::uint64_t bytes) { return take_last_room(bytes); }} {
    if (tree::writes(mode)) keep();
}

void DiskRoom::require_for_flush(std::uint64_t more_bytes) {
    const std::uint64_t in_memtables = unflushed_bytes() + more_bytes;
    const std::uint64_t needed = flushed_bytes(in_memtables);
    std::uint64_t available = take_for_flush(needed);
    if (available < needed) {
        forbid_compactions();
        if (reclaim(LastCompaction::Cause::refused)) available = take_for_flush(needed);
    }
    is_full_ = available < needed;
    if (is_full_) {
        throw Error{ErrorCode::disk_full,
                    fmt::format("{}: the disk has {} bytes left, a delivery needs {}; make room on "
                                "the disk or remove something, then it continues by itself",
                                database_.path(), available, needed)};
    }
    // RocksDB begins compactions when a flush ends, so they are forbidden before it.
    if (available < needed + compaction_bytes(in_memtables)) forbid_compactions();
}

// A running compaction already has its room, and no other begins while it runs.
void DiskRoom::forbid_compactions() {
    if (!compactions_allowed_ || is_compacting()) return;
    may_take_reserve_ = true;
    static_cast<void>(take_last_room(0));  // RocksDB writes the new option to a file
    allow_compactions(false);
}

std::uint64_t DiskRoom::take_for_flush(std::uint64_t bytes) {
    const std::uint64_t available = space().for_removals();
    if (available >= bytes) return available;
    const std::uint64_t last_part = tree::last_part_of(reserve_wanted());
    {
        const std::lock_guard lock{mutex_};
        reserve_.give(bytes - available, last_part);
    }
    return space().for_removals();
}

bool DiskRoom::take_last_room(std::uint64_t bytes) {
    // In addition, room for what a cancelled compaction still writes before it ends, and for the
    // manifest of one that is not cancelled.
    const std::uint64_t needed = bytes + WatchedFiles::piece_bytes + manifest_bytes;
    std::uint64_t available = space().for_removals();
    if (available < needed && may_take_reserve_) {
        const std::lock_guard lock{mutex_};
        reserve_.give(needed - available);
        available = space().for_removals();
    }
    return available >= needed;
}

bool DiskRoom::reclaim(LastCompaction::Cause cause) {
    if (compactions_allowed_ || is_compacting()) return false;
    const std::uint64_t own = [&] {
        const std::lock_guard lock{mutex_};
        return cause == LastCompaction::Cause::refused ? reserve_.bytes() : 0;
    }();
    const std::uint64_t room = space().for_removals() + own;
    // The compaction begins with a flush.
    if (room < flushed_bytes(unflushed_bytes())) return false;
    may_take_reserve_ = cause == LastCompaction::Cause::refused;
    const bool gained = last_compaction_.run(cause, room);
    note_flushed();
    look_at_tables();
    fill_reserve();
    return gained;
}

void DiskRoom::reclaim() noexcept {
    try {
        if (!database_.errors().latched()) {
            static_cast<void>(reclaim(LastCompaction::Cause::refused));
        }
    } catch (...) {  // NOLINT: requested again while the disk is full
    }
}

void DiskRoom::keep() noexcept {
    try {
        note_flushed();
        look_at_tables();
        fill_reserve();
        const std::uint64_t in_memtables = unflushed_bytes();
        const std::uint64_t needed = flushed_bytes(in_memtables) + compaction_bytes(in_memtables);
        if (space().free_bytes < needed) forbid_compactions();
        allow_where_there_is_room();
        if (!compactions_allowed_) static_cast<void>(reclaim(LastCompaction::Cause::delivered));
    } catch (...) {  // NOLINT: the next delivery tries again
    }
}

void DiskRoom::look_at_tables() {
    const std::uint64_t free = less(space().free_bytes, flushed_bytes(unflushed_bytes()));
    // The list of a large tree is long, and with ample room the exact need does not matter.
    const std::uint64_t whole = table_bytes();
    const bool is_ample = free >= whole || free >= 4 * compaction_bytes_max_;
    merged_bytes_ = is_ample ? std::min(whole, compaction_bytes_max_)
                             : next_compaction_bytes(database_, table_file_bytes_);
}

void DiskRoom::note_flushed() {
    if (database_.property("rocksdb.num-entries-active-mem-table") == 0 &&
        database_.property("rocksdb.num-entries-imm-mem-tables") == 0) {
        entered_bytes_ = 0;
    }
}

void DiskRoom::fill_reserve() {
    const std::uint64_t free = space().free_bytes;
    const std::uint64_t flush = flushed_bytes(unflushed_bytes());
    const std::uint64_t compaction = compaction_bytes(0);
    const std::uint64_t wanted = reserve_wanted();
    const std::uint64_t last_part = tree::last_part_of(wanted);
    const std::lock_guard lock{mutex_};
    const std::uint64_t missing = less(wanted, reserve_.bytes());
    // Growing often by a little would cost more than it gains.
    if (missing > wanted / 4 && free >= flush + compaction + missing) {
        reserve_.grow_to(wanted);
    } else if (reserve_.bytes() < last_part &&
               free >= last_part - reserve_.bytes() + manifest_bytes) {
        reserve_.grow_to(last_part);  // the last part is filled first
    }
}

// Needs a little more room than `forbid_compactions` leaves, so that the answer does not change
// with each delivery.
void DiskRoom::allow_where_there_is_room() const {
    if (compactions_allowed_) return;
    const std::uint64_t in_memtables = unflushed_bytes();
    const std::uint64_t compaction = compaction_bytes(in_memtables);
    if (space().free_bytes >= flushed_bytes(in_memtables) + compaction + compaction / 8) {
        allow_compactions(true);
    }
}

void DiskRoom::allow_compactions(bool allowed) const {
    const std::lock_guard lock{mutex_};
    if (allowed == compactions_allowed_) return;
    const rocksdb::Status status = database_.inside([&](rocksdb::DB& rocks) {
        return rocks.SetOptions({{"disable_auto_compactions", allowed ? "false" : "true"}});
    });
    // RocksDB writes the new value to a file after it has taken effect. It may fail to write it:
    // each opening sets the value again.
    compactions_allowed_ = allows_compactions(database_);
    if (!status.ok() && allowed != compactions_allowed_) {
        throw_if_failed(status, "changing whether compactions may begin", database_.path());
    }
}

tree::Tree::DiskNeed DiskRoom::disk_need(tree::Tree::Load load) const {
    const std::uint64_t unflushed = unflushed_bytes();
    const std::uint64_t in_memtables = load.bytes + load.keys * entry_overhead + unflushed;
    const std::uint64_t wanted = reserve_wanted();
    const DiskSpace left = space();
    const std::lock_guard lock{mutex_};
    return {
        .bytes = flushed_bytes(in_memtables),
        .compaction_bytes = compaction_bytes(in_memtables),
        .reserve_bytes = less(wanted, reserve_.bytes()),
        .hold_bytes = unflushed,
        .free_bytes = left.free_bytes,
        .own_bytes = less(reserve_.bytes(), tree::last_part_of(wanted)) + left.privileged_bytes};
}

tree::Tree::Room DiskRoom::room_for(tree::Tree::Load load, std::uint64_t others_bytes) const {
    const tree::Tree::DiskNeed need = disk_need(load);
    if (need.free_bytes >= need.of_puts() + others_bytes) return tree::Tree::Room::enough;
    // While puts are refused, there may be no deliveries, and then `keep` is not called.
    allow_where_there_is_room();
    return need.free_bytes + need.own_bytes >= need.bytes ? tree::Tree::Room::removals_only
                                                          : tree::Tree::Room::none;
}

std::uint64_t DiskRoom::compaction_bytes(std::uint64_t in_memtables) const {
    return std::min(merged_bytes_.load(), table_bytes()) + in_memtables;
}

std::uint64_t DiskRoom::reserve_wanted() const {
    return tree::reserve_for(table_bytes(), reserve_bytes_);
}

DiskSpace DiskRoom::space() const {
    return disk_space(database_.descriptor(), database_.path());
}

bool DiskRoom::is_compacting() const {
    return database_.property("rocksdb.num-running-compactions") != 0;
}

std::uint64_t DiskRoom::unflushed_bytes() const {
    return std::min<std::uint64_t>(database_.property("rocksdb.cur-size-all-mem-tables"),
                                   entered_bytes_);
}

std::uint64_t DiskRoom::table_bytes() const {
    return database_.property("rocksdb.live-sst-files-size");
}

}  // namespace amphora::rocks
