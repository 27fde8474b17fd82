#include "database/savepoints.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

namespace amphora::detail {

namespace {

std::uint64_t next_transaction() noexcept {
    static std::atomic<std::uint64_t> transactions{0};
    return transactions.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

Savepoints::Savepoints() : transaction_{next_transaction()} {}

void Savepoints::require_alive(std::uint64_t transaction, std::uint64_t number,
                               const char* call) const {
    if (transaction != transaction_) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("{}: savepoint {} was taken in another transaction; take one in "
                                "this transaction",
                                call, number)};
    }
    const auto range = std::lower_bound(
        ended_.begin(), ended_.end(), number,
        [](const Range& ended, std::uint64_t wanted) { return ended.last < wanted; });
    if (range == ended_.end() || number < range->first) return;
    throw Error{ErrorCode::invalid_argument,
                fmt::format("{}: savepoint {} of this transaction has ended: it was released, or "
                            "the transaction released or went back to a savepoint taken before "
                            "it; take a new one",
                            call, number)};
}

void Savepoints::end_after(std::uint64_t number) {
    std::uint64_t first = number + 1;
    if (first > taken_) return;
    while (!ended_.empty() && ended_.back().last + 1 >= first) {
        first = std::min(first, ended_.back().first);
        ended_.pop_back();
    }
    ended_.push_back({first, taken_});
}

}  // namespace amphora::detail
