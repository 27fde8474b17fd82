#include "base/clock.hpp"
#include "outbox/delivery.hpp"
#include "outbox/relay.hpp"

#include <algorithm>

// The steps of a relay, and when it wakes for the next one.

namespace amphora::outbox {
namespace {

constexpr std::int64_t for_ever_ms = 3'600'000;

}  // namespace

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
           bytes + tables[count]->list().used_bytes() <= options_.batch_bytes_max)
        bytes += tables[count++]->list().used_bytes();
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
    if (const std::int64_t first_ms = list->active().first_ms(); first_ms != 0)
        until_ms = std::min<std::int64_t>(until_ms, first_ms + options_.seal_age_ms);
    if (delivered() > held())
        until_ms =
            std::min<std::int64_t>(until_ms, last_carried_ms_.load() + options_.hold_idle_ms);
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
    for (const auto& table : tables)
        for (const PendingTable::Moment& moment : table->moments()) {
            const auto window =
                static_cast<std::uint64_t>(std::max<std::int64_t>(0, now - moment.at_us));
            for (std::uint32_t i = 0; i < moment.commits; ++i) window_.record(window);
        }
}

}  // namespace amphora::outbox
