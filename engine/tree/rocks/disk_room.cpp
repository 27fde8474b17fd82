#include "tree/rocks/disk_room.hpp"

#include "base/system_error.hpp"

#include <amphora/error.hpp>

#include <sys/statvfs.h>

#include <fmt/format.h>

namespace amphora::rocks {

void DiskRoom::require_for_flush(std::uint64_t more_bytes) {
    const std::uint64_t needed = unflushed_bytes() + 2 * more_bytes + margin_bytes_;
    const std::uint64_t available = available_bytes();
    is_full_ = available < needed;
    if (!is_full_) return;
    throw Error(
        ErrorCode::disk_full,
        fmt::format("{}: the disk has {} bytes left, a delivery needs {}; free some space; it "
                    "goes on by itself",
                    database_.path(), available, needed));
}

tree::Tree::DiskNeed DiskRoom::disk_need(tree::Tree::Load load) const {
    // What is in memtables has to be written; and all of it once more by a compaction, before the
    // files that it replaces are gone.
    constexpr std::uint64_t entry_overhead = 32;
    const std::uint64_t in_memtables = load.bytes + load.keys * entry_overhead + unflushed_bytes();
    return {.bytes = 2 * in_memtables + margin_bytes_, .reserve_bytes = reserve_bytes_};
}

tree::Tree::Room DiskRoom::room_for(tree::Tree::Load load, std::uint64_t others_bytes) const {
    const tree::Tree::DiskNeed need = disk_need(load);
    const std::uint64_t available = available_bytes();
    if (available >= need.bytes + need.reserve_bytes + others_bytes)
        return tree::Tree::Room::enough;
    return available >= need.bytes ? tree::Tree::Room::removals_only : tree::Tree::Room::none;
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
    return database_.property("rocksdb.cur-size-all-mem-tables");
}

}  // namespace amphora::rocks
