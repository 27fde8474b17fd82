#include "tree/lmdb/file_reserve.hpp"

#include "base/system_error.hpp"
#include "tree/disk_reserve.hpp"

#include <amphora/error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstring>

namespace amphora::lmdb {

namespace {

constexpr MDB_dbi free_database = 0;
/// Pages that a commit needs in addition to those of its keys: the free tree, the mark, the
/// digests.
constexpr std::uint64_t pages_of_any_commit = 32;

/// An upper bound. A put copies its leaf and may split it; a removal copies it and may merge it
/// with a copied neighbour: two leaves for each key, and the same on each level above, which has
/// few pages. A page is copied once in a commit, however many of its keys change. The replaced page
/// is free again two commits later, so there are at most two copies of all pages.
std::uint64_t pages_needed(const MDB_stat& tree, tree::Tree::Load load) {
    const std::uint64_t keys = load.keys;
    const std::uint64_t leaves = std::min(2 * keys, 2 * tree.ms_leaf_pages + keys);
    // A split leaves two half empty pages, and even with keys of 500 bytes four fit in a half.
    const std::uint64_t branches =
        std::min(2 * keys * tree.ms_depth, 3 * tree.ms_branch_pages + keys / 2);
    const std::uint64_t contents = 2 * (load.bytes / tree.ms_psize + 1);
    const std::uint64_t free_lists = (leaves + branches) / 256;  // of up to 512 pages a page
    return leaves + branches + contents + free_lists + pages_of_any_commit;
}

}  // namespace

struct FileReserve::Figures {
    MDB_stat tree{};
    MDB_envinfo file{};
    std::uint64_t map_free = 0;   ///< pages after the last one
    std::uint64_t disk_free = 0;  ///< pages that the file system still has
    std::uint64_t kept = 0;  ///< pages after the last one for which the file already has blocks
    std::uint64_t reserve = 0;
};

FileReserve::FileReserve(const std::shared_ptr<Environment>& environment,
                         const tree::LivingViews& living, std::uint64_t reserve_bytes)
    : environment_{*environment},
      living_{living},
      reserve_bytes_{reserve_bytes},
      reading_{environment} {
    reading_.rest();
}

FileReserve::Figures FileReserve::figures() const {
    Figures now;
    throw_if_failed(mdb_env_stat(environment_.handle(), &now.tree), "asking for its size",
                    environment_.path());
    throw_if_failed(mdb_env_info(environment_.handle(), &now.file), "asking for its size",
                    environment_.path());
    struct statvfs space {};
    if (::fstatvfs(environment_.descriptor(), &space) != 0) {
        throw_system_error("fstatvfs", environment_.path());
    }
    const std::uint64_t page = now.tree.ms_psize;
    const std::uint64_t used = now.file.me_last_pgno + 1;
    const std::uint64_t map = now.file.me_mapsize / page;
    now.map_free = map > used ? map - used : 0;
    now.disk_free = std::uint64_t{space.f_bavail} * space.f_frsize / page;
    const std::uint64_t kept_until = kept_until_ / page;
    now.kept = kept_until > used ? kept_until - used : 0;
    now.reserve = std::min(tree::reserve_for(used * page, reserve_bytes_) / page, map / 8);
    return now;
}

void FileReserve::keep() noexcept {
    if (!supported_ || reserve_bytes_ == 0) return;
    MDB_stat tree{};
    MDB_envinfo file{};
    if (mdb_env_stat(environment_.handle(), &tree) != MDB_SUCCESS ||
        mdb_env_info(environment_.handle(), &file) != MDB_SUCCESS) {
        return;
    }
    const std::uint64_t end = (file.me_last_pgno + 1) * tree.ms_psize;
    const std::uint64_t wanted = tree::reserve_for(end, reserve_bytes_);
    if (end + wanted / 4 * 3 <= kept_until_) return;
    // On a full disk the file may still have blocks from an earlier opening; requesting them again
    // needs no room. More is requested again after the next commit.
    const std::uint64_t step = wanted / 16;
    for (std::uint64_t bytes = wanted; bytes > step && end + bytes > kept_until_; bytes -= step) {
        const int status = ::fallocate(environment_.descriptor(), FALLOC_FL_KEEP_SIZE,
                                       static_cast<off_t>(end), static_cast<off_t>(bytes));
        if (status == 0) {
            kept_until_ = end + bytes;
            return;
        }
        if (errno == EOPNOTSUPP || errno == ENOSYS) {
            supported_ = false;
            return;
        }
    }
}

// The part of the free space that the reserve still lacks is not used.
std::uint64_t FileReserve::reserve_missing(const Figures& now) noexcept {
    return now.reserve > now.kept ? now.reserve - now.kept : 0;
}

tree::Tree::DiskNeed FileReserve::disk_need(tree::Tree::Load load) const {
    const Figures now = figures();
    const std::uint64_t needed = pages_needed(now.tree, load);
    const std::uint64_t inside = free_pages();
    const std::uint64_t page = now.tree.ms_psize;
    return {.bytes = needed > inside ? (needed - inside) * page : 0,
            .reserve_bytes = reserve_missing(now) * page,
            .free_bytes = now.disk_free * page,
            .own_bytes = now.kept * page,
            .map_bytes = (needed + now.reserve) * page,
            .map_free_bytes = (now.map_free + inside) * page};
}

tree::Tree::Room FileReserve::room_for(tree::Tree::Load load, std::uint64_t others_bytes) const {
    using Room = tree::Tree::Room;
    const Figures now = figures();
    const std::uint64_t needed = pages_needed(now.tree, load);
    const std::uint64_t left_alone = reserve_missing(now) + others_bytes / now.tree.ms_psize;
    if (now.map_free >= needed + now.reserve && now.disk_free >= needed + left_alone) {
        return Room::enough;
    }
    const std::uint64_t inside = free_pages();
    if (now.map_free + inside >= needed + now.reserve &&
        now.disk_free + inside >= needed + left_alone) {
        return Room::enough;
    }
    if (now.map_free + inside >= needed && now.disk_free + inside + now.kept >= needed) {
        return Room::removals_only;
    }
    return Room::none;
}

std::uint64_t FileReserve::free_pages() const {
    MDB_envinfo file{};
    throw_if_failed(mdb_env_info(environment_.handle(), &file), "asking for its size",
                    environment_.path());
    const std::uint64_t oldest =
        std::min<std::uint64_t>(living_.oldest_version(), file.me_last_txnid);
    const std::lock_guard lock{mutex_};
    if (counted_.commit == file.me_last_txnid && counted_.oldest_view == oldest) {
        return counted_.pages;
    }
    try {
        reading_.renew();
    } catch (const Error& error) {
        // No reader can begin any more, and nothing will change before the next open.
        if (error.code() == ErrorCode::needs_reopen) return counted_.pages;
        throw;
    }
    MDB_cursor* cursor = nullptr;
    const int opened = mdb_cursor_open(reading_.handle(), free_database, &cursor);
    std::uint64_t pages = 0;
    MDB_val key{};
    MDB_val list{};
    int status = opened == MDB_SUCCESS ? mdb_cursor_get(cursor, &key, &list, MDB_FIRST) : opened;
    for (; status == MDB_SUCCESS; status = mdb_cursor_get(cursor, &key, &list, MDB_NEXT)) {
        std::uint64_t commit = 0;
        std::uint64_t count = 0;
        if (key.mv_size != sizeof commit || list.mv_size < sizeof count) break;
        std::memcpy(&commit, key.mv_data, sizeof commit);
        std::memcpy(&count, list.mv_data, sizeof count);
        if (commit >= oldest) break;  // still shown by a view
        pages += count;
    }
    if (cursor != nullptr) mdb_cursor_close(cursor);
    reading_.rest();
    if (status != MDB_NOTFOUND) {
        throw_if_failed(status, "walking the free tree", environment_.path());
    }
    counted_ = {.commit = file.me_last_txnid, .oldest_view = oldest, .pages = pages};
    return pages;
}

}  // namespace amphora::lmdb
