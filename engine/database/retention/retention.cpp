#include "database/retention/retention.hpp"

#include "base/assert.hpp"
#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "base/started_thread.hpp"
#include "base/thread_name.hpp"
#include "document/expiry.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace amphora::retention {

namespace {

/// A look at a whole index may take one part of so many of the time.
constexpr std::int64_t look_share = 100;

/// What the outbox or the disk refuses for a while, to every writer.
bool passes_by_itself(ErrorCode code) noexcept {
    return code == ErrorCode::outbox_full || code == ErrorCode::documents_stalled ||
           code == ErrorCode::disk_full;
}

/// When a look that began at `begin_ms` and ends now is due again.
std::int64_t next_look_ms(std::int64_t begin_ms, std::chrono::milliseconds interval) {
    const std::int64_t now_ms = steady_ms();
    return now_ms + std::max(interval.count(), (now_ms - begin_ms) * look_share);
}

}  // namespace

Retention::Retention(transaction::Engine& engine, outbox::Outbox& outbox,
                     std::shared_ptr<const stores::BoundSchema> schema, Log log,
                     const RetentionOptions& options)
    : engine_{engine},
      outbox_{outbox},
      schema_{std::move(schema)},
      log_{std::move(log)},
      options_{options},
      clock_{options.clock_trusted_after} {
    for (const auto& collection : schema_->collections().all()) {
        std::vector<ExpiryRule> rules = expiry_rules(*collection);
        if (rules.empty()) continue;
        CollectionState& state = collections_.emplace_back();
        state.name = collection->name();
        for (ExpiryRule& rule : rules) state.rules.push_back({.rule = rule});
        reports_.emplace_back().collection = state.name;
    }
}

void Retention::start() {
    if (collections_.empty()) return;
    waiting_.clear();
    thread_ = start_thread("the retention of documents", [this] { run(); });
}

void Retention::stop() noexcept {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    const std::lock_guard lock{joining_};
    if (thread_.joinable()) thread_.join();
}

bool Retention::is_stopping() const {
    const std::lock_guard lock{mutex_};
    return stopping_;
}

void Retention::run() noexcept {
    name_thread("amphora-retain");
    while (true) {
        std::chrono::milliseconds pause = options_.interval;
        try {
            pause = round();
        } catch (const std::exception& error) {
            note_waiting(error.what());  // memory ran out
        }
        std::unique_lock lock{mutex_};
        static_cast<void>(Deadline{pause}.await(changed_, lock, [&] { return stopping_; }));
        if (stopping_) return;
    }
}

std::chrono::milliseconds Retention::round() {
    for (CollectionState& collection : collections_) {
        if (is_stopping()) return options_.interval;
        try {
            if (!expire(collection)) {
                note_waiting(clock_.reason());
                return options_.interval;
            }
        } catch (const Error& error) {
            if (passes_by_itself(error.code())) {
                note_waiting(error.what());
                return options_.interval_refused;
            }
            note_round(collection.name, error.what());
        }
    }
    note_waiting({});
    return options_.interval;
}

bool Retention::may_continue() {
    return !is_stopping() && clock_.trusted_now_us().has_value();
}

bool Retention::expire(CollectionState& collection) {
    Sweep sweep{engine_, outbox_, options_.sweep, [this] { return may_continue(); }};
    for (RuleState& state : collection.rules) {
        const std::optional<std::int64_t> now_us = clock_.trusted_now_us();
        if (!now_us) return false;
        std::optional<document::KeyRange> rest = find_expired(state, *now_us);
        if (!rest) continue;
        const std::uint64_t before = sweep.removed();
        bool is_complete = false;
        try {
            is_complete = sweep.run(state.rule, *rest);
        } catch (...) {
            note_looked(state, rest->lower);
            note_removed(collection.name, sweep.removed() - before);
            throw;
        }
        note_looked(state, is_complete ? rest->upper : rest->lower);
        note_removed(collection.name, sweep.removed() - before);
        if (!is_complete) return is_stopping();
    }
    note_round(collection.name, sweep.failure() ? sweep.failure()->what() : "");
    return true;
}

std::optional<document::KeyRange> Retention::find_expired(RuleState& state, std::int64_t now_us) {
    std::optional<document::KeyRange> range =
        state.rule.count_max ? count(state) : state.rule.expired_at(now_us);
    if (!range) return std::nullopt;
    const std::int64_t begin_ms = steady_ms();
    const bool is_whole = begin_ms >= state.whole_look_at_ms;
    if (!is_whole) range->lower = std::max(range->lower, state.looked_until);
    std::optional<Buffer> first = document::first_entry(*engine_.snapshot(), *range);
    if (is_whole) state.whole_look_at_ms = next_look_ms(begin_ms, options_.whole_look);
    if (!first) {
        if (is_whole || state.looked_until < range->upper) note_looked(state, range->upper);
        return std::nullopt;
    }
    range->lower = std::move(*first);
    return range;
}

std::optional<document::KeyRange> Retention::count(RuleState& state) {
    const std::int64_t begin_ms = steady_ms();
    if (begin_ms < state.count_at_ms) return std::nullopt;
    const auto now = engine_.snapshot();
    if (now->commit_seen().sequence == state.counted_at) return std::nullopt;
    auto range = document::entries_before_newest(*now, *state.rule.index, *state.rule.count_max,
                                                 [this] { return !is_stopping(); });
    state.count_at_ms = next_look_ms(begin_ms, std::chrono::milliseconds{0});
    state.counted_at = now->commit_seen().sequence;
    return range;
}

std::uint64_t Retention::expire_now() {
    const std::int64_t now_us = amphora::now_us();
    Sweep sweep{engine_, outbox_, options_.sweep, [] { return true; }};
    for (const CollectionState& collection : collections_) {
        for (const RuleState& state : collection.rules) {
            const ExpiryRule& rule = state.rule;
            const auto snapshot = engine_.snapshot();
            std::optional<document::KeyRange> rest =
                rule.count_max ? document::entries_before_newest(
                                     *snapshot, *rule.index, *rule.count_max, [] { return true; })
                               : rule.expired_at(now_us);
            const auto first = rest ? document::first_entry(*snapshot, *rest) : std::nullopt;
            if (!first) continue;
            rest->lower = *first;
            const std::uint64_t before = sweep.removed();
            try {
                static_cast<void>(sweep.run(rule, *rest));
            } catch (...) {
                note_removed(collection.name, sweep.removed() - before);
                throw;
            }
            note_removed(collection.name, sweep.removed() - before);
        }
    }
    if (sweep.failure()) throw Error{*sweep.failure()};
    return sweep.removed();
}

std::vector<RetentionReport> Retention::report() const {
    std::vector<RetentionReport> reports;
    {
        const std::lock_guard lock{mutex_};
        reports = reports_;
        for (RetentionReport& report : reports) {
            if (!waiting_.empty()) report.problem = waiting_;
        }
    }
    for (std::size_t at = 0; at < reports.size(); ++at) {
        try {
            reports[at].oldest_expired = oldest_expired(collections_[at]);
        } catch (const Error& error) {
            if (reports[at].problem.empty()) reports[at].problem = error.what();
        }
    }
    return reports;
}

std::optional<DateTime> Retention::oldest_expired(const CollectionState& collection) const {
    std::optional<DateTime> oldest;
    for (const RuleState& state : collection.rules) {
        if (state.rule.count_max) continue;
        document::KeyRange expired = state.rule.expired_at(now_us());
        {
            const std::lock_guard lock{mutex_};
            expired.lower = std::max(expired.lower, state.looked_until);
        }
        const auto first = document::first_entry(*engine_.snapshot(), expired);
        if (!first) continue;
        const DateTime moment = state.rule.moment_of_expiry(*first);
        oldest = std::min(oldest.value_or(moment), moment);
    }
    return oldest;
}

void Retention::note_looked(RuleState& state, const Buffer& until) {
    const std::lock_guard lock{mutex_};
    state.looked_until = until;
}

RetentionReport& Retention::require_report(const std::string& collection) {
    const auto found = std::ranges::find(reports_, collection, &RetentionReport::collection);
    AMPHORA_ASSERT(found != reports_.end());
    return *found;
}

void Retention::note_removed(const std::string& collection, std::uint64_t removed) {
    const std::lock_guard lock{mutex_};
    require_report(collection).expired += removed;
}

void Retention::note_round(const std::string& collection, const std::string& failure) {
    bool is_new = false;
    {
        const std::lock_guard lock{mutex_};
        RetentionReport& report = require_report(collection);
        report.last_round = DateTime{now_us()};
        is_new = report.problem.empty() && !failure.empty();
        report.problem = failure;
    }
    if (is_new && log_) log_(fmt::format("retention: {}", failure));
}

void Retention::note_waiting(const std::string& why) {
    bool is_new = false;
    {
        const std::lock_guard lock{mutex_};
        is_new = waiting_.empty() && !why.empty();
        waiting_ = why;
    }
    if (is_new && log_) log_(fmt::format("retention: {}", why));
}

}  // namespace amphora::retention
