#include "tree/rocks/disk/last_compaction.hpp"

#include "base/clock.hpp"

#include <rocksdb/metadata.h>

#include <algorithm>

namespace amphora::rocks {

namespace {

/// While a view still shows removed entries, compacting them frees nothing. So the attempt is
/// repeated: first after this time, then each time after twice as long, up to the maximum.
constexpr std::int64_t wait_ms_first = 100;
constexpr std::int64_t wait_ms_max = 5000;

class Watching {
  public:
    Watching(WatchedFiles& files, WriteWatch& watch) : files_{files} { files_.watch(&watch); }
    ~Watching() { files_.watch(nullptr); }
    Watching(const Watching&) = delete;
    Watching& operator=(const Watching&) = delete;

  private:
    WatchedFiles& files_;
};

}  // namespace

LastCompaction::Files LastCompaction::files() const {
    std::vector<rocksdb::LiveFileMetaData> all;
    database_.inside([&](rocksdb::DB& rocks) { rocks.GetLiveFilesMetaData(&all); });
    Files found;
    for (const rocksdb::LiveFileMetaData& file : all) {
        found.bytes += file.size;
        found.entries += file.num_entries;
        found.removals += file.num_deletions;
        if (file.num_deletions != 0 && file.num_deletions * 2 >= file.num_entries) {
            found.mostly_removals.push_back({file.smallestkey, file.largestkey});
        }
    }
    return found;
}

bool LastCompaction::is_worth_it(Cause cause, const Files& now, std::uint64_t room_bytes) {
    const std::int64_t now_ms = steady_ms();
    if (now.removals == 0) return false;
    const Attempt before = last_.value_or(Attempt{});
    const std::uint64_t remaining = now.entries - std::min(now.entries, now.removals);
    const std::uint64_t many = cause == Cause::refused ? 1 : remaining / 8 + 1;
    // Removals that were merged since the last attempt do not count as known.
    const std::uint64_t known = std::min(before.removals, now.removals);
    const bool has_more_room = last_ && room_bytes > before.room_bytes / 4 * 5 + (64u << 10);
    const bool is_time = cause == Cause::refused && now_ms >= before.next_ms;
    if (now.removals < known + many && !has_more_room && !is_time) return false;
    const std::int64_t wait_ms =
        is_time ? std::clamp(before.wait_ms * 2, wait_ms_first, wait_ms_max) : wait_ms_first;
    last_ = Attempt{.removals = now.removals,
                    .room_bytes = room_bytes,
                    .next_ms = now_ms + wait_ms,
                    .wait_ms = wait_ms};
    return true;
}

bool LastCompaction::run(Cause cause, std::uint64_t room_bytes) {
    const Files before = files();
    if (!is_worth_it(cause, before, room_bytes)) return false;
    is_called_off_ = false;
    {
        const Watching watching(database_.watched_files(), *this);
        if (before.bytes <= whole_bytes_max_) {
            static_cast<void>(compact(nullptr));
        } else {
            for (const Range& range : before.mostly_removals) {
                if (!compact(&range)) break;
            }
        }
    }
    if (is_called_off_) delete_unfinished();
    const Files after = files();
    if (after.bytes >= before.bytes) return false;
    last_->removals = after.removals;
    return true;
}

bool LastCompaction::compact(const Range* range) {
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    options.allow_write_stall = true;  // there is no other writer
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    options.canceled = &is_called_off_;
    const rocksdb::Slice first = range == nullptr ? rocksdb::Slice() : rocksdb::Slice(range->first);
    const rocksdb::Slice last = range == nullptr ? rocksdb::Slice() : rocksdb::Slice(range->last);
    const rocksdb::Slice* const none = nullptr;
    // A failure is latched; the next delivery recovers from it.
    return database_
        .inside([&](rocksdb::DB& rocks) {
            return rocks.CompactRange(options, range == nullptr ? none : &first,
                                      range == nullptr ? none : &last);
        })
        .ok();
}

void LastCompaction::before_write(std::uint64_t bytes) noexcept {
    if (is_called_off_) return;
    try {
        if (take_room_(bytes)) return;
    } catch (...) {  // NOLINT: if the free space is unknown, there is none
    }
    is_called_off_ = true;
}

/// RocksDB 7.8 keeps the files of a cancelled compaction until it is reopened or next scans its
/// directory. This makes it scan.
void LastCompaction::delete_unfinished() const {
    database_.inside([](rocksdb::DB& rocks) {
        if (rocks.DisableFileDeletions().ok()) {
            rocks.EnableFileDeletions(false).PermitUncheckedError();
        }
    });
}

}  // namespace amphora::rocks
