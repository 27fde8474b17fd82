#include "transaction/readers.hpp"

#include "base/clock.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::transaction {

Readers::Entry::Entry(Readers& readers) : readers_{readers}, since_ms_{steady_ms()} {
    const std::lock_guard lock{readers_.mutex_};
    before_ = readers_.newest_;
    (before_ != nullptr ? before_->after_ : readers_.oldest_) = this;
    readers_.newest_ = this;
    ++readers_.count_;
}

Readers::Entry::~Entry() {
    const std::lock_guard lock{readers_.mutex_};
    (before_ != nullptr ? before_->after_ : readers_.oldest_) = after_;
    (after_ != nullptr ? after_->before_ : readers_.newest_) = before_;
    --readers_.count_;
    readers_.reads_ += reads_.load(std::memory_order_relaxed);
}

std::uint64_t Readers::reads() const {
    const std::lock_guard lock{mutex_};
    std::uint64_t all = reads_;
    for (const Entry* entry = oldest_; entry != nullptr; entry = entry->after_) {
        all += entry->reads_.load(std::memory_order_relaxed);
    }
    return all;
}

std::uint64_t Readers::count() const {
    const std::lock_guard lock{mutex_};
    return count_;
}

std::uint64_t Readers::oldest_ms() const {
    const std::lock_guard lock{mutex_};
    if (oldest_ == nullptr) return 0;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, steady_ms() - oldest_->since_ms_));
}

void Readers::require_before(std::int64_t expires_ms) {
    const std::int64_t now_ms = steady_ms();
    if (now_ms <= expires_ms) [[likely]] {
        return;
    }
    throw Error{
        ErrorCode::snapshot_expired,
        fmt::format("the snapshot is {} ms past its age limit (snapshot_age_ms_max); take a new "
                    "one, it is cheap",
                    now_ms - expires_ms)};
}

}  // namespace amphora::transaction
