#include "database/core.hpp"

#include "database/observation.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace amphora::detail {

Core::~Core() {
    if (process.elsewhere()) {
        leave_to_parent();
        return;
    }
    // A database that was never closed, or whose opening failed half-way: what is durable stays,
    // nothing more is delivered.
    let_go();
}

void Core::let_go() noexcept {
    if (live_owner) live_owner->stop();  // it asks the parts for figures
    retention.reset();
    if (observers) observers->stop();  // the engine calls it
    engine.reset();
    if (archiver) archiver->stop();  // it calls the outbox; the journal still calls it
    outbox.reset();
    consumers.forget_holds();  // nobody recycles any more
    journal.reset();
    live_owner.reset();  // relays and journal call it, and it holds views of a tree
    archiver.reset();
    documents.reset();
    relational.reset();
    files.reset();
    vanishing.reset();
    lock.reset();
}

void Core::enter() {
    if (!try_enter()) require_usable();  // throws, because the database is closed
}

bool Core::try_enter() noexcept {
    std::uint64_t uses = uses_.load(std::memory_order_relaxed);
    do {
        if (uses == 0) return false;
    } while (!uses_.compare_exchange_weak(uses, uses + 1, std::memory_order_acq_rel));
    return true;
}

void Core::leave() noexcept {
    if (uses_.fetch_sub(1, std::memory_order_acq_rel) == 1 && !process.elsewhere()) let_go();
}

void Core::leave_to_parent() noexcept {
    static_cast<void>(retention.release());
    consumers.leave_to_parent();
    consumers.leave_holds_to_parent();
    static_cast<void>(engine.release());
    static_cast<void>(outbox.release());
    static_cast<void>(journal.release());
    static_cast<void>(archiver.release());
    static_cast<void>(documents.release());
    static_cast<void>(live_owner.release());
    static_cast<void>(relational.release());
    static_cast<void>(files.release());
    static_cast<void>(vanishing.release());
}

void Core::require_usable() const {
    process.check(path);
    if (!open.load(std::memory_order_acquire)) {
        throw Error{ErrorCode::transaction_closed, path + " was closed; open it again"};
    }
}

void Core::require_writable() const {
    require_usable();
    if (is_read_only()) {
        throw Error{ErrorCode::read_only,
                    path + " was opened read-only; open it for writing to change it"};
    }
}

void Core::close() {
    process.check(path);
    if (observation) {
        if (open.exchange(false)) observation->close();
        return;
    }
    // Another thread may be closing it, too, or be the last one to leave.
    if (!try_enter()) return;
    struct Leaving {
        Core& core;
        ~Leaving() { core.leave(); }
    };
    const Leaving in_use{*this};
    if (live_owner) live_owner->stop();
    if (retention) retention->stop();
    if (observers) observers->stop();
    consumers.close();  // while they can still commit what they have in hand
    if (!open.exchange(false)) return;
    const Leaving open_database{*this};
    if (!is_read_only()) {
        engine->close();
        outbox->close();
        journal->close();
        if (live_owner) live_owner->close();
        archive_the_rest();
    }
    log(fmt::format("closed {}", path));
}

std::shared_ptr<const transaction::Reading> durable_snapshot(Core& core) {
    auto snapshot = core.engine->snapshot();
    const Sequence seen = snapshot->commit_seen().sequence;
    if (seen > core.journal->durable()) core.journal->await_durable(seen);
    return snapshot;
}

void Core::archive_the_rest() {
    if (!archiver) return;
    try {
        archiver->finish();
    } catch (const std::exception& error) {
        // The journal keeps what is not archived; the next opening continues with it.
        log(fmt::format("archive: not everything is in it: {}", error.what()));
    }
}

}  // namespace amphora::detail
