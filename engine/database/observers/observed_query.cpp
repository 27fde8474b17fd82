#include "database/observers/observed_query.hpp"

#include "base/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace amphora::detail {
namespace {

constexpr std::int64_t again_after_error_ms = 100;

}  // namespace

ObservedQuery::ObservedQuery(transaction::Engine& engine, ObservedSource source,
                             const ObserveOptions& options)
    : engine_{engine}, source_{std::move(source)}, bytes_max_{options.result_bytes_max} {}

bool ObservedQuery::note(const Commit&, std::optional<std::span<const SpaceId>> spaces) {
    if (spaces && !std::ranges::binary_search(*spaces, source_.space)) return false;
    has_changed_.store(true);
    return true;
}

std::optional<std::int64_t> ObservedQuery::put_off_until_ms() const {
    if (is_stopped() || !has_changed_.load()) return std::nullopt;
    return not_before_ms_;
}

void ObservedQuery::call() {
    // The query has half of the time.
    const std::int64_t begin_ms = steady_ms();
    if (begin_ms < not_before_ms_ || !has_changed_.exchange(false)) return;
    std::unique_ptr<const QueryResult> before;
    Differences<Bytes> differences;
    try {
        const auto snapshot = engine_.snapshot();
        auto now = read(*snapshot);
        if (!now) return;
        const QueryResult nothing{0};
        differences = now->differences_from(told_ ? *told_ : nothing);
        differences.commit = snapshot->commit_seen();
        differences.is_whole = told_ == nullptr;
        before = std::exchange(told_, std::move(now));
        error_told_.reset();
    } catch (const Error& error) {
        // A result that is too large stays so without a commit; any other error may pass by itself.
        if (error.code() == ErrorCode::result_too_large) {
            put_off(begin_ms);
        } else {
            try_again_later();
        }
        return tell_error(error);
    } catch (...) {
        try_again_later();  // memory ran out
        throw;
    }
    put_off(begin_ms);
    if (differences.is_whole || !differences.empty()) source_.tell(differences);
}

void ObservedQuery::put_off(std::int64_t begin_ms) noexcept {
    const std::int64_t now_ms = steady_ms();
    not_before_ms_ = now_ms + (now_ms - begin_ms);
}

void ObservedQuery::try_again_later() noexcept {
    has_changed_.store(true);
    not_before_ms_ = steady_ms() + again_after_error_ms;
}

std::unique_ptr<QueryResult> ObservedQuery::read(const transaction::Reading& reading) const {
    auto result = std::make_unique<QueryResult>(bytes_max_);
    source_.read(reading, [&](Bytes key, Bytes state) {
        if (is_stopped()) return false;
        if (result->add(key, state)) return true;
        throw Error{ErrorCode::result_too_large,
                    fmt::format("the result of an observed query of {} exceeds {} bytes; observe "
                                "less of it, or set ObserveOptions::result_bytes_max higher",
                                source_.name, bytes_max_)};
    });
    if (is_stopped()) return nullptr;
    result->sort();
    return result;
}

/// What was told before counts no more.
void ObservedQuery::tell_error(const Error& error) {
    told_.reset();
    if (std::exchange(error_told_, error.code()) == error.code()) return;
    Differences<Bytes> failed;
    failed.error = error;
    source_.tell(failed);
}

}  // namespace amphora::detail
