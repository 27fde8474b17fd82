#include "tree/rocks/environment/background_errors.hpp"

#include "base/clock.hpp"
#include "tree/rocks/environment/anchored_path.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace amphora::rocks {

// Called by RocksDB on its own threads, through which no exception may pass.
void BackgroundErrors::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) {
    note(*status);
    try {
        if (log_) {
            log_(fmt::format("rocksdb: background work failed: {}",
                             with_own_name(status->ToString(), directory_)));
        }
    } catch (...) {  // NOLINT: nobody can be told about a failing listener
    }
}

void BackgroundErrors::OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) {
    {
        const std::lock_guard lock{mutex_};
        ++flushes_;
    }
    flushed_.notify_all();
}

std::uint64_t BackgroundErrors::flushes() const {
    const std::lock_guard lock{mutex_};
    return flushes_;
}

bool BackgroundErrors::await_flush_after(std::uint64_t seen, std::chrono::milliseconds time) {
    std::unique_lock lock{mutex_};
    return flushed_.wait_for(lock, time, [&] { return flushes_ > seen; });
}

void BackgroundErrors::note(const rocksdb::Status& status) noexcept {
    const std::lock_guard lock{mutex_};
    if (is_latched_) return;
    status_ = status;
    wait_ms_ = retry_ms_min_;
    next_try_ms_ = steady_ms() + wait_ms_;
    is_latched_ = true;
}

std::optional<rocksdb::Status> BackgroundErrors::latched() const {
    if (!is_latched_.load(std::memory_order_acquire)) return std::nullopt;
    const std::lock_guard lock{mutex_};
    if (!is_latched_) return std::nullopt;
    return status_;
}

bool BackgroundErrors::may_try_again() noexcept {
    const std::int64_t now = steady_ms();
    const std::lock_guard lock{mutex_};
    if (now < next_try_ms_) return false;
    wait_ms_ = std::min<std::int64_t>(wait_ms_ * 2, retry_ms_max_);
    next_try_ms_ = now + wait_ms_;
    return true;
}

void BackgroundErrors::recovered() noexcept {
    const std::lock_guard lock{mutex_};
    is_latched_ = false;
    status_ = rocksdb::Status::OK();
}

}  // namespace amphora::rocks
