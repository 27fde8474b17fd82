#include "outbox/relay.hpp"

#include "base/clock.hpp"
#include "base/thread_name.hpp"
#include "outbox/delivery.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace amphora::outbox {
namespace {

constexpr std::int64_t backoff_ms_first = 20;

std::string text_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception of unknown type";
    }
}

/// Whether only the next opening can help after this error.
bool says_to_reopen(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        return error.code() == ErrorCode::outcome_unknown ||
               error.code() == ErrorCode::needs_reopen;
    } catch (...) {
        return false;
    }
}

constexpr std::int64_t for_ever_ms = 3'600'000;

}  // namespace

Relay::Relay(TreeId id, tree::Tree& tree, Pending& pending, journal::Journal& journal,
             const OutboxOptions& options, Log log, std::function<void(Relay&)> after_step)
    : id_{id},
      tree_{tree},
      pending_{pending},
      journal_{journal},
      options_{options},
      log_{std::move(log)},
      after_step_{std::move(after_step)} {}

Relay::~Relay() {
    stop();
}

void Relay::begin_at(Sequence delivered) {
    delivered_.store(delivered);
    held_.store(std::min(delivered, tree_.held().sequence));
}

void Relay::start() {
    if (thread_.joinable()) return;
    last_carried_ms_.store(steady_ms());
    thread_ = std::thread{[this] { run(); }};
}

void Relay::stop() noexcept {
    {
        const std::lock_guard lock{mutex_};
        stop_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Relay::wake() noexcept {
    {
        const std::lock_guard lock{mutex_};
        ++wakes_;
    }
    wake_.notify_one();
}

// Always wakes the relay, even if the same was requested before. The relay may have looked before
// those commits were published, and may be asleep again.
void Relay::request(Sequence sequence) noexcept {
    raise_stage(wanted_, sequence);
    wake();
}

void Relay::request_hold(Sequence sequence) noexcept {
    raise_stage(hold_wanted_, sequence);
    wake();
}

void Relay::request_reclaim() noexcept {
    reclaim_wanted_.store(true);
    wake();
}

bool Relay::await(const std::atomic<Sequence>& stage, Sequence sequence, Deadline deadline) {
    std::unique_lock lock{mutex_};
    const auto over = [&] {
        if (in_vain_.load()) return true;
        return stage.load() >= sequence || has_ended_.load();
    };
    deadline.await(progress_, lock, over);
    return stage.load() >= sequence;
}

bool Relay::await_delivered(Sequence sequence, Deadline deadline) {
    request(sequence);
    return await(delivered_, sequence, deadline);
}

bool Relay::settle(Sequence sequence) {
    request(sequence);
    request_hold(sequence);
    std::unique_lock lock{mutex_};
    const std::uint64_t failures_before = failures_.load();
    hurry_ = true;
    wake_.notify_all();
    progress_.wait(lock, [&] {
        return held_.load() >= sequence || has_ended_.load() || failures_.load() != failures_before;
    });
    return held_.load() >= sequence;
}

bool Relay::stalled() const noexcept {
    if (failing_.load(std::memory_order_relaxed)) return true;
    const std::int64_t since = busy_since_ms_.load(std::memory_order_relaxed);
    return since != 0 && steady_ms() - since >= options_.stalled_ms;
}

std::exception_ptr Relay::why_in_vain() const {
    const std::lock_guard lock{mutex_};
    return in_vain_.load() ? failure_ : nullptr;
}

std::exception_ptr Relay::last_failure() const {
    const std::lock_guard lock{mutex_};
    return failure_;
}

// The thread's top function: an exception ends here, is kept, and is shown until a step succeeds.
void Relay::run() noexcept {
    name_thread(id_ == TreeId::relational ? "relay-rows" : "relay-docs");
    std::int64_t backoff_ms = backoff_ms_first;
    for (;;) {
        std::uint64_t wakes_seen = 0;
        {
            const std::lock_guard lock{mutex_};
            if (stop_) break;
            wakes_seen = wakes_;
        }
        RelayStep taken = RelayStep::idle;
        try {
            taken = step();
            if (taken != RelayStep::idle) {
                note_success();
                backoff_ms = backoff_ms_first;
                after_step_(*this);
                continue;
            }
        } catch (...) {
            if (note_failure(std::current_exception())) break;
            std::unique_lock lock{mutex_};
            wake_.wait_for(lock, std::chrono::milliseconds{backoff_ms},
                           [&] { return stop_ || std::exchange(hurry_, false); });
            backoff_ms = std::min<std::int64_t>(2 * backoff_ms, options_.backoff_ms_max);
            continue;
        }
        std::unique_lock lock{mutex_};
        wake_.wait_for(lock, std::chrono::milliseconds{sleep_ms()},
                       [&] { return stop_ || wakes_ != wakes_seen; });
    }
    const std::lock_guard lock{mutex_};
    has_ended_.store(true);
    progress_.notify_all();
}

void Relay::note_success() {
    const bool had_failed = failing_.exchange(false);
    {
        const std::lock_guard lock{mutex_};
        failure_ = nullptr;
        failure_text_.clear();
        in_vain_.store(false);
        progress_.notify_all();
    }
    // Outside of the lock: the log function may ask for the statistics.
    if (had_failed && log_) log_(fmt::format("the {} tree takes deliveries again", to_string(id_)));
}

bool Relay::note_failure(std::exception_ptr failure) noexcept {
    busy_since_ms_.store(0);
    failures_.fetch_add(1);
    failing_.store(true);
    const bool in_vain = says_to_reopen(failure);
    // A document store that must be reopened stops only its own deliveries; rows can still be
    // written.
    const bool final = in_vain && (id_ == TreeId::relational || journal_.failed());
    try {
        const std::string text = text_of(failure);
        bool is_new = false;
        {
            const std::lock_guard lock{mutex_};
            is_new = text != failure_text_;
            failure_text_ = text;
        }
        if (log_ && is_new) {
            log_(fmt::format("delivery to the {} tree failed, {}: {}", to_string(id_),
                             in_vain ? "and stops until the next open" : "it will be tried again",
                             text));
        }
    } catch (...) {  // out of memory for the sentence; the failure itself is kept
    }
    const std::lock_guard lock{mutex_};
    failure_ = std::move(failure);
    in_vain_.store(in_vain);
    if (final) has_ended_.store(true);
    progress_.notify_all();
    return final;
}

void Relay::add_to(RelayStatistics& statistics) const {
    statistics.deliveries = deliveries_.load(std::memory_order_relaxed);
    statistics.delivered_entries = delivered_entries_.load(std::memory_order_relaxed);
    statistics.failures = failures_.load(std::memory_order_relaxed);
    statistics.window = {.commits = window_.count(),
                         .mean_us = window_.mean(),
                         .p50_us = window_.percentile(0.5),
                         .p90_us = window_.percentile(0.9),
                         .p99_us = window_.percentile(0.99),
                         .max_us = window_.max()};
    const std::int64_t busy_since = busy_since_ms_.load();
    const std::lock_guard lock{mutex_};
    if (failure_ != nullptr) {
        statistics.state =
            fmt::format("{}: {}", in_vain_.load() ? "stopped" : "retrying", failure_text_);
    } else if (busy_since != 0) {
        statistics.state = stalled() ? "delivering, slowly" : "delivering";
    } else {
        statistics.state = "idle";
    }
}

void Relay::raise_stage(std::atomic<Sequence>& target, Sequence sequence) noexcept {
    Sequence seen = target.load(std::memory_order_relaxed);
    while (seen < sequence &&
           !target.compare_exchange_weak(seen, sequence, std::memory_order_acq_rel)) {
    }
}

RelayStep Relay::step() {
    if (hold_due()) {
        hold();
        return RelayStep::held;
    }
    auto tables = pending_.sealed(id_);
    if (tables.empty() && due()) {
        pending_.seal(id_);
        tables = pending_.sealed(id_);
    }
    if (tables.empty()) {
        reclaim_where_asked();
        return RelayStep::idle;
    }

    // Several small tables in the queue become one write. A table is never split, so the mark is
    // always the end of a commit.
    std::size_t count = 1;
    std::uint64_t bytes = tables.front()->list().used_bytes();
    while (count < tables.size() &&
           bytes + tables[count]->list().used_bytes() <= options_.batch_bytes_max) {
        bytes += tables[count++]->list().used_bytes();
    }
    tables.resize(count);
    deliver(tables);
    return RelayStep::carried;
}

bool Relay::due() const {
    if (pending_.published() <= delivered()) return false;
    if (wanted_.load(std::memory_order_acquire) > delivered()) return true;
    const auto list = pending_.list(id_);
    const PendingTable& active = list->active();
    if (active.list().used_bytes() >= options_.seal_bytes) return true;
    const std::int64_t first_ms = active.first_ms();
    return first_ms != 0 && steady_ms() - first_ms >= options_.seal_age_ms;
}

bool Relay::hold_due() const {
    const Sequence held_now = held();
    if (delivered() <= held_now) return false;
    const Sequence wanted = hold_wanted_.load(std::memory_order_acquire);
    if (wanted > held_now && delivered() >= wanted) return true;
    const auto list = pending_.list(id_);
    return list->tables().size() == 1 && list->active().list().empty() &&
           steady_ms() - last_carried_ms_.load() >= options_.hold_idle_ms;
}

std::int64_t Relay::sleep_ms() const {
    const std::int64_t now_ms = steady_ms();
    std::int64_t until_ms = now_ms + for_ever_ms;
    const auto list = pending_.list(id_);
    if (const std::int64_t first_ms = list->active().first_ms(); first_ms != 0) {
        until_ms = std::min<std::int64_t>(until_ms, first_ms + options_.seal_age_ms);
    }
    if (delivered() > held()) {
        until_ms =
            std::min<std::int64_t>(until_ms, last_carried_ms_.load() + options_.hold_idle_ms);
    }
    return std::max<std::int64_t>(until_ms - now_ms, 1);
}

void Relay::deliver(std::span<const std::shared_ptr<PendingTable>> tables) {
    const Sequence last = tables.back()->end();
    // An earlier attempt may have reached the tree and failed after that; then only the rest is to
    // be done.
    if (tree_.delivered().sequence < last) {
        journal_.await_durable(last);
        const Mark mark = journal_.mark_of(last);
        const std::vector<tree::Change> changes = fold(tables);
        if (options_.before_delivery) options_.before_delivery(id_);
        busy_since_ms_.store(std::max<std::int64_t>(1, steady_ms()));
        // The batch carries its own mark. After a crash that follows this line, the next step only
        // finds nothing new to deliver.
        tree_.apply(changes, mark);
        busy_since_ms_.store(0);
        delivered_entries_.fetch_add(changes.size(), std::memory_order_relaxed);
    }
    // Only now: a reader that took its list before finds the tables in it; a reader that takes its
    // list later takes its view after that, and the view shows them.
    pending_.drop(id_, tables.size());
    deliveries_.fetch_add(1, std::memory_order_relaxed);
    note_window(tables);
    last_carried_ms_.store(steady_ms());
    raise_stage(delivered_, last);
    raise_stage(held_, std::min(last, tree_.held().sequence));
}

void Relay::hold() {
    busy_since_ms_.store(std::max<std::int64_t>(1, steady_ms()));
    tree_.hold();
    busy_since_ms_.store(0);
    raise_stage(held_, std::min(delivered(), tree_.held().sequence));
    last_carried_ms_.store(steady_ms());
}

/// Only if there is nothing to deliver: each delivery reclaims by itself.
void Relay::reclaim_where_asked() {
    if (!reclaim_wanted_.exchange(false)) return;
    busy_since_ms_.store(std::max<std::int64_t>(1, steady_ms()));
    tree_.reclaim();
    busy_since_ms_.store(0);
}

void Relay::note_window(std::span<const std::shared_ptr<PendingTable>> tables) {
    const std::int64_t now = now_us();
    for (const auto& table : tables) {
        for (const PendingTable::Moment& moment : table->moments()) {
            const auto window =
                static_cast<std::uint64_t>(std::max<std::int64_t>(0, now - moment.at_us));
            for (std::uint32_t i = 0; i < moment.commits; ++i) window_.record(window);
        }
    }
}

}  // namespace amphora::outbox
