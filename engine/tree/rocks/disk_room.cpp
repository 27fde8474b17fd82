#include "tree/rocks/disk_room.hpp"

#include "base/system_error.hpp"
#include "tree/disk_reserve.hpp"
#include "tree/rocks/require.hpp"

#include <amphora/error.hpp>

#include <sys/statvfs.h>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::rocks {

namespace {

constexpr std::uint64_t entry_overhead = 32;

/// Of a flush: the table file around the entries, the list of files, the file of options.
constexpr std::uint64_t flush_overhead(std::uint64_t in_memtables) noexcept {
    return (128u << 10) + in_memtables / 16;
}

constexpr std::uint64_t flushed_bytes(std::uint64_t in_memtables) noexcept {
    return in_memtables + flush_overhead(in_memtables);
}

constexpr std::uint64_t less(std::uint64_t a, std::uint64_t b) noexcept {
    return a > b ? a - b : 0;
}

bool allows_compactions(const OpenedDatabase& database) {
    return database.inside(
        [](rocksdb::DB& rocks) { return !rocks.GetOptions().disable_auto_compactions; });
}

}  // namespace

DiskRoom::DiskRoom(OpenedDatabase& database, const RocksOptions& options, tree::OpenMode mode)
    : database_(database),
      reserve_bytes_(options.reserve_bytes),
      compaction_bytes_max_(compaction_bytes_max(options)),
      compactions_allowed_(allows_compactions(database)),
      reserve_(mode == tree::OpenMode::read_only ? -1 : database.descriptor()) {
    if (mode != tree::OpenMode::read_only) keep();
}

void DiskRoom::require_for_flush(std::uint64_t more_bytes) {
    const std::uint64_t needed = flushed_bytes(unflushed_bytes() + more_bytes);
    std::uint64_t available = available_bytes();
    if (available < needed) {
        const std::lock_guard lock(mutex_);
        reserve_.give(needed - available);
        available = available_bytes();
    }
    is_full_ = available < needed;
    if (!is_full_) return;
    throw Error(
        ErrorCode::disk_full,
        fmt::format("{}: the disk has {} bytes left, a delivery needs {}; free some space; it "
                    "goes on by itself",
                    database_.path(), available, needed));
}

void DiskRoom::keep() noexcept {
    try {
        if (database_.property("rocksdb.num-entries-active-mem-table") == 0 &&
            database_.property("rocksdb.num-entries-imm-mem-tables") == 0)
            entered_bytes_ = 0;
        const std::uint64_t available = available_bytes();
        const std::uint64_t compaction = compaction_bytes(0);
        const std::uint64_t wanted = reserve_wanted();
        {
            const std::lock_guard lock(mutex_);
            const std::uint64_t missing = less(wanted, reserve_.bytes());
            // Growing by a little each time would cost more than it keeps.
            const bool worth_it = missing > wanted / 4;
            if (worth_it && available >= flushed_bytes(unflushed_bytes()) + compaction + missing)
                reserve_.grow_to(wanted);
        }
        // One that is under way has the room that it takes.
        if (database_.property("rocksdb.num-running-compactions") != 0) return;
        allow_compactions(has_room_to_compact());
    } catch (...) {  // NOLINT: what is kept is kept; the next delivery tries again
    }
}

bool DiskRoom::has_room_to_compact() const {
    return available_bytes() >= compaction_bytes(0) / 2;
}

void DiskRoom::allow_compactions(bool allowed) const {
    const std::lock_guard lock(mutex_);
    if (allowed == compactions_allowed_) return;
    const rocksdb::Status status = database_.inside([&](rocksdb::DB& rocks) {
        return rocks.SetOptions({{"disable_auto_compactions", allowed ? "false" : "true"}});
    });
    require(status, "changing whether compactions may begin", database_.path());
    compactions_allowed_ = allowed;
}

tree::Tree::DiskNeed DiskRoom::disk_need(tree::Tree::Load load) const {
    const std::uint64_t unflushed = unflushed_bytes();
    const std::uint64_t in_memtables = load.bytes + load.keys * entry_overhead + unflushed;
    const std::uint64_t wanted = reserve_wanted();
    const std::lock_guard lock(mutex_);
    return {.bytes = flushed_bytes(in_memtables),
            .compaction_bytes = compaction_bytes(in_memtables),
            .reserve_bytes = less(wanted, reserve_.bytes()),
            .hold_bytes = unflushed,
            .free_bytes = available_bytes(),
            .own_bytes = reserve_.bytes()};
}

tree::Tree::Room DiskRoom::room_for(tree::Tree::Load load, std::uint64_t others_bytes) const {
    const tree::Tree::DiskNeed need = disk_need(load);
    if (need.free_bytes >= need.of_puts() + others_bytes) return tree::Tree::Room::enough;
    // While puts are refused nothing may be delivered, and the writing thread looks no more.
    if (!compactions_allowed_ && has_room_to_compact()) allow_compactions(true);
    return need.free_bytes + need.own_bytes >= need.bytes ? tree::Tree::Room::removals_only
                                                          : tree::Tree::Room::none;
}

std::uint64_t DiskRoom::compaction_bytes(std::uint64_t in_memtables) const {
    return std::min(compaction_bytes_max_, table_bytes() + in_memtables);
}

std::uint64_t DiskRoom::reserve_wanted() const {
    return tree::reserve_for(table_bytes(), reserve_bytes_);
}

std::uint64_t DiskRoom::available_bytes() const {
    struct statvfs space {};
    if (::fstatvfs(database_.descriptor(), &space) != 0) {
        throw_system_error("fstatvfs", database_.path());
    }
    // A file system can also run out of files. Those that do not count them say that they have
    // none.
    constexpr std::uint64_t files_min = 16;
    if (space.f_files != 0 && space.f_favail < files_min) return 0;
    return std::uint64_t{space.f_bavail} * space.f_frsize;
}

std::uint64_t DiskRoom::unflushed_bytes() const {
    return std::min<std::uint64_t>(database_.property("rocksdb.cur-size-all-mem-tables"),
                                   entered_bytes_);
}

std::uint64_t DiskRoom::table_bytes() const {
    return database_.property("rocksdb.live-sst-files-size");
}

}  // namespace amphora::rocks
