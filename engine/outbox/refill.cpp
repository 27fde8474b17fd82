#include "outbox/refill.hpp"

#include "base/clock.hpp"
#include "outbox/record.hpp"

#include <amphora/error.hpp>

#include <chrono>
#include <exception>

#include <fmt/format.h>

namespace amphora::outbox {

Refill::Refill(TreeId tree, Sequence delivered, Pending& pending, Relay& relay,
               const OutboxOptions& options)
    : tree_{tree}, pending_{pending}, relay_{relay}, options_{options}, taken_{delivered} {
    begin_table();
}

void Refill::begin_table() {
    table_ = pending_.make_table(tree_, taken_);
    fill_.emplace(*table_);
    began_us_ = now_us();
}

void Refill::take(const journal::Entry& entry) {
    if (entry.sequence != next(taken_)) {
        throw Error{ErrorCode::corrupt,
                    fmt::format("the journal continues with commit {} after commit {}; commits are "
                                "missing; restore a backup",
                                number(entry.sequence), number(taken_))};
    }
    const Record record{entry.record, entry.sequence};
    table_->reserve_moment();
    record.each_change(tree_, [&](const Record::Change& change) {
        fill_->add(change.key, entry.sequence, change.value);
    });
    table_->note_commit(began_us_);
    taken_ = entry.sequence;
    epoch_ = entry.epoch;
    if (table_->list().used_bytes() < options_.seal_bytes) return;
    end_table();
    await_room();
    begin_table();
}

void Refill::end_table() {
    fill_->finish(taken_);
    pending_.take_over(tree_, std::move(table_));
}

void Refill::finish(Sequence last) {
    if (taken_ != last) {
        throw Error{
            ErrorCode::corrupt,
            fmt::format("the journal's last commit is {}, reading it ended at {}; restore a "
                        "backup",
                        number(last), number(taken_))};
    }
    // If there is no change, the active table, which begins at the same commit, covers the rest,
    // too.
    if (table_->list().used_bytes() > 0) end_table();
}

void Refill::give_up() {
    if (table_ && table_->list().used_bytes() > 0) end_table();
}

void Refill::await_room() {
    if (options_.relays == RelayThreads::none) return;  // what is read stays in memory
    while (pending_.memory_bytes(tree_) >= options_.pending_bytes_max) {
        const auto tables = pending_.sealed(tree_);
        if (tables.empty()) return;
        relay_.start();
        relay_.wake();
        const std::uint64_t failures = relay_.failures();
        if (relay_.await_delivered(tables.front()->end(),
                                   Deadline{std::chrono::milliseconds{100}})) {
            continue;
        }
        if (const auto failure = relay_.why_in_vain()) std::rethrow_exception(failure);
        if (relay_.failures() != failures) {
            if (const auto failure = relay_.last_failure()) std::rethrow_exception(failure);
        }
    }
}

}  // namespace amphora::outbox
