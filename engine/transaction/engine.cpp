#include "transaction/engine.hpp"

#include "base/clock.hpp"
#include "outbox/outbox.hpp"
#include "transaction/epochs.hpp"
#include "transaction/snapshot.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace amphora::transaction {

Engine::Engine(outbox::Outbox& outbox, EngineOptions options) : outbox_{outbox}, options_{options} {
    // A view that is kept only to be reused must not keep what a tree has replaced.
    outbox_.on_delivered([this] { forget_view(); });
}

Engine::~Engine() {
    outbox_.on_delivered({});
}

// A view is current as long as no list has changed. Commits since then are in its tables, and only
// S must be read again.
std::shared_ptr<const TreesView> Engine::current_view() {
    {
        const std::lock_guard lock{view_mutex_};
        if (view_ && view_->version() == outbox_.pending_version()) return view_;
    }
    auto taken = TreesView::take(outbox_);
    std::shared_ptr<const TreesView> old;  // destroyed outside of the lock
    const std::lock_guard lock{view_mutex_};
    if (!view_ || view_->version() <= taken->version()) {
        old = std::move(view_);
        view_ = taken;
    }
    return taken;
}

void Engine::forget_view() noexcept {
    std::shared_ptr<const TreesView> old;
    const std::lock_guard lock{view_mutex_};
    old = std::move(view_);
    view_ = nullptr;
}

std::shared_ptr<const Reading> Engine::snapshot() {
    for (int attempt = 1;; ++attempt) {
        auto view = current_view();
        const Sequence visible = outbox_.visible();
        const Sequence sequence = std::min(visible, view->end());
        if (sequence < view->floor()) {
            // A delivery came between lists and views: a view shows a commit that the lists do not
            // have.
            snapshot_retries_.fetch_add(1, std::memory_order_relaxed);
            forget_view();
            if (attempt % 16 == 0) std::this_thread::yield();
            continue;
        }
        return std::make_shared<Snapshot>(
            std::move(view), name(sequence),
            Snapshot::Age{.readers = readers_, .ms_max = options_.snapshot_age_ms_max});
    }
}

Commit Engine::name(Sequence sequence) const noexcept {
    const Commit recovered = outbox_.recovered();
    return {.epoch = sequence > recovered.sequence ? outbox_.epoch() : recovered.epoch,
            .sequence = sequence};
}

std::shared_ptr<WriteSet> Engine::take_write_set() {
    {
        const std::lock_guard lock{spare_mutex_};
        if (spare_) return std::move(spare_);
    }
    return std::make_shared<WriteSet>();
}

// Ends the turn, and keeps the write set for the next transaction if no cursor refers to it.
void Engine::end(WriteTransaction& transaction) noexcept {
    std::shared_ptr<WriteSet> writes = transaction.give_up_turn();
    if (!writes || writes.use_count() != 1) return;
    writes->clear();
    const std::lock_guard lock{spare_mutex_};
    if (!spare_) spare_ = std::move(writes);
}

std::unique_ptr<WriteTransaction> Engine::begin(const BeginOptions& options) {
    turn_.require_elsewhere("beginning to write");
    const Deadline deadline{options.timeout};
    static_cast<void>(outbox_.admit(deadline, options.feeds));
    auto writes = take_write_set();
    turn_.take(deadline, options.stop);
    try {
        auto view = current_view();
        return std::make_unique<WriteTransaction>(
            outbox_, turn_,
            WriteTransaction::Start{.view = std::move(view),
                                    .seen = name(outbox_.published()),
                                    // Other writers may have used up the room while this one
                                    // waited.
                                    .admission = outbox_.admission(options.feeds),
                                    .durability = options.durability,
                                    .bytes_max = options_.commit_bytes_max,
                                    .writes = std::move(writes)});
    } catch (...) {
        turn_.give_up();
        throw;
    }
}

// A caller learns nothing that depends on a commit before that commit is visible.
void Engine::await_seen(Sequence sequence) {
    if (outbox_.visible() < sequence) outbox_.await_visible(sequence);
}

// From here on a failure does not mean that nothing happened, even if another thread met it first.
void Engine::await_own(Sequence sequence) {
    try {
        outbox_.await_visible(sequence);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::needs_reopen) throw;
        throw Error{ErrorCode::outcome_unknown, error.what()};
    }
}

Sequence Engine::publish(WriteTransaction& transaction, Sequence seen) {
    if (!epoch_recorded_) {
        transaction.writes().put(TreeId::relational, epoch_key(outbox_.epoch()),
                                 epoch_value(next(seen)), outbox::Before::absent, std::nullopt,
                                 std::numeric_limits<std::uint64_t>::max() / 2);
    }
    Buffer record = transaction.writes().encode();
    const std::lock_guard lock{publication_};
    if (closed_) {
        throw Error{ErrorCode::transaction_closed,
                    "the database was closed before the transaction was committed; nothing of it "
                    "has happened"};
    }
    const Sequence sequence =
        outbox_.commit(std::move(record), transaction.durability(), transaction.writes().tags());
    epoch_recorded_ = true;
    return sequence;
}

// A commit that has passed the `closed_` test must reach the journal's queue before the journal
// closes: a closed journal takes no record, and one that is closing expects none.
void Engine::close() {
    const std::lock_guard lock{publication_};
    closed_ = true;
}

Commit Engine::commit(std::unique_ptr<WriteTransaction> transaction) {
    const Commit seen = transaction->commit_seen();
    if (transaction->writes().empty()) {
        end(*transaction);
        await_seen(seen.sequence);
        return seen;
    }
    const std::int64_t begin_us = steady_us();
    std::optional<std::vector<SpaceId>> spaces;
    if (has_commit_call_.load(std::memory_order_relaxed)) [[unlikely]] {
        spaces = transaction->writes().spaces();
    }
    Sequence sequence{};
    try {
        sequence = publish(*transaction, seen.sequence);
    } catch (...) {
        end(*transaction);
        rollbacks_.fetch_add(1, std::memory_order_relaxed);
        await_seen(seen.sequence);
        throw;
    }
    end(*transaction);
    await_own(sequence);
    commits_.fetch_add(1, std::memory_order_relaxed);
    commit_times_.record(static_cast<std::uint64_t>(steady_us() - begin_us));
    // Asked again, because the call may have been set meanwhile. Nothing may fail any more, so the
    // spaces are not asked for now.
    if (has_commit_call_.load(std::memory_order_seq_cst)) [[unlikely]] {
        tell_commit(sequence, spaces);
    }
    return {.epoch = outbox_.epoch(), .sequence = sequence};
}

void Engine::on_commit(CommitCall call) {
    const std::lock_guard lock{committed_mutex_};
    committed_ = std::move(call);
    // Stored before any later snapshot asks what is visible; a commit asks for it once it is visible.
    has_commit_call_.store(static_cast<bool>(committed_), std::memory_order_seq_cst);
}

void Engine::tell_commit(Sequence sequence, std::optional<std::span<const SpaceId>> spaces) {
    const std::shared_lock lock{committed_mutex_};
    if (committed_) committed_(sequence, spaces);
}

void Engine::rollback(std::unique_ptr<WriteTransaction> transaction) {
    const Commit seen = transaction->commit_seen();
    end(*transaction);
    rollbacks_.fetch_add(1, std::memory_order_relaxed);
    await_seen(seen.sequence);
}

void Engine::require_not_lost(const Commit& commit) {
    const Commit recovered = outbox_.recovered();
    bool lost = false;
    if (commit.epoch == outbox_.epoch()) {
        // Only a database opened read-only can have recovered commits of the current epoch.
        const bool before =
            commit.sequence <= recovered.sequence && recovered.epoch != outbox_.epoch();
        lost = before || commit.sequence > outbox_.published();
    } else if (commit.epoch > outbox_.epoch() || commit.sequence > recovered.sequence) {
        lost = true;
    } else if (const auto later = find_successor(*snapshot(), commit.epoch)) {
        lost = commit.sequence >= *later;
    }
    if (lost) {
        throw Error{
            ErrorCode::commit_lost,
            fmt::format("commit {} of epoch {} is not in this database: it was not synced and a "
                        "crash took it, or it belongs to another database; do it again",
                        number(commit.sequence), number(commit.epoch))};
    }
}

void Engine::require_known(const Commit& commit) {
    turn_.require_elsewhere("waiting for a commit");
    if (commit.sequence != Sequence{}) require_not_lost(commit);
}

bool Engine::await_delivered(TreeId tree, const Commit& commit, Deadline deadline) {
    require_known(commit);
    return outbox_.await_delivered(tree, commit.sequence, deadline);
}

Epoch Engine::epoch() const noexcept {
    return outbox_.epoch();
}

EngineStatistics Engine::statistics() const {
    return {.snapshots = readers_->count(),
            .snapshot_oldest_ms = readers_->oldest_ms(),
            .snapshot_retries = snapshot_retries_.load(std::memory_order_relaxed),
            .reads = readers_->reads(),
            .commits = commits_.load(std::memory_order_relaxed),
            .rollbacks = rollbacks_.load(std::memory_order_relaxed)};
}

}  // namespace amphora::transaction
