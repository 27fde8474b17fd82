#include "transaction/engine.hpp"

#include "outbox/outbox.hpp"
#include "transaction/epochs.hpp"
#include "transaction/readers.hpp"
#include "transaction/snapshot.hpp"
#include "transaction/trees_view.hpp"
#include "transaction/turn.hpp"
#include "transaction/write_set.hpp"
#include "transaction/write_transaction.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

namespace amphora::transaction {
namespace {

outbox::Deadline deadline_in(std::optional<std::chrono::milliseconds> timeout) {
    if (!timeout) return std::nullopt;
    return std::chrono::steady_clock::now() +
           std::clamp(*timeout, std::chrono::milliseconds{0}, timeout_max);
}

class OneWriterEngine final : public Engine {
  public:
    OneWriterEngine(outbox::Outbox& outbox, EngineOptions options)
        : outbox_{outbox}, options_{options} {
        // A view that is kept only to be reused must not keep what a tree has replaced.
        outbox_.on_delivered([this] { forget_view(); });
    }
    ~OneWriterEngine() override { outbox_.on_delivered({}); }

    std::shared_ptr<const Reading> snapshot() override;
    std::unique_ptr<Writing> begin(const BeginOptions& options) override;
    Commit commit(std::unique_ptr<Writing> writing) override;
    void rollback(std::unique_ptr<Writing> writing) override;
    void require_known(const Commit& commit) override;
    bool await_delivered(TreeId tree, const Commit& commit,
                         std::optional<std::chrono::milliseconds> timeout) override;
    void close() override;
    EngineStatistics statistics() const override;

  private:
    [[nodiscard]] std::shared_ptr<const TreesView> current_view();
    void forget_view() noexcept;
    [[nodiscard]] Commit name(Sequence sequence) const noexcept;
    [[nodiscard]] std::shared_ptr<WriteSet> take_write_set();
    [[nodiscard]] Sequence publish(WriteTransaction& transaction, Sequence seen);
    void end(WriteTransaction& transaction) noexcept;
    void await_seen(Sequence sequence);
    void await_own(Sequence sequence);
    void require_not_lost(const Commit& commit);

    outbox::Outbox& outbox_;
    const EngineOptions options_;
    Turn turn_;
    const std::shared_ptr<Readers> readers_ = std::make_shared<Readers>();

    std::mutex view_mutex_;
    std::shared_ptr<const TreesView> view_;  // the last one taken, while it is current

    std::mutex spare_mutex_;
    std::shared_ptr<WriteSet> spare_;  // of the last transaction, empty

    std::mutex publication_;
    bool closed_ = false;  // nothing is published any more

    bool epoch_recorded_ = false;  // owned by the thread that has the turn
    std::atomic<std::uint64_t> snapshot_retries_{0};
    std::atomic<std::uint64_t> commits_{0};
    std::atomic<std::uint64_t> rollbacks_{0};
};

// A view is current as long as no list has changed. Commits since then are in its tables, and only
// S must be read again.
std::shared_ptr<const TreesView> OneWriterEngine::current_view() {
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

void OneWriterEngine::forget_view() noexcept {
    std::shared_ptr<const TreesView> old;
    const std::lock_guard lock{view_mutex_};
    old = std::move(view_);
    view_ = nullptr;
}

std::shared_ptr<const Reading> OneWriterEngine::snapshot() {
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

Commit OneWriterEngine::name(Sequence sequence) const noexcept {
    const Commit recovered = outbox_.recovered();
    return {.epoch = sequence > recovered.sequence ? outbox_.epoch() : recovered.epoch,
            .sequence = sequence};
}

std::shared_ptr<WriteSet> OneWriterEngine::take_write_set() {
    {
        const std::lock_guard lock{spare_mutex_};
        if (spare_) return std::move(spare_);
    }
    return std::make_shared<WriteSet>();
}

// Ends the turn, and keeps the write set for the next transaction if no cursor refers to it.
void OneWriterEngine::end(WriteTransaction& transaction) noexcept {
    std::shared_ptr<WriteSet> writes = transaction.give_up_turn();
    if (!writes || writes.use_count() != 1) return;
    writes->clear();
    const std::lock_guard lock{spare_mutex_};
    if (!spare_) spare_ = std::move(writes);
}

std::unique_ptr<Writing> OneWriterEngine::begin(const BeginOptions& options) {
    turn_.require_elsewhere("beginning to write");
    const outbox::Deadline deadline = deadline_in(options.timeout);
    static_cast<void>(outbox_.admit(deadline));
    auto writes = take_write_set();
    turn_.take(deadline);
    try {
        auto view = current_view();
        return std::make_unique<WriteTransaction>(
            outbox_, turn_,
            WriteTransaction::Start{.view = std::move(view),
                                    .seen = name(outbox_.published()),
                                    // Other writers may have used up the room while this one
                                    // waited.
                                    .admission = outbox_.admission(),
                                    .durability = options.durability,
                                    .bytes_max = options_.commit_bytes_max,
                                    .writes = std::move(writes)});
    } catch (...) {
        turn_.give_up();
        throw;
    }
}

// A caller learns nothing that depends on a commit before that commit is visible.
void OneWriterEngine::await_seen(Sequence sequence) {
    if (outbox_.visible() < sequence) outbox_.await_visible(sequence);
}

// From here on a failure does not mean that nothing happened, even if another thread met it first.
void OneWriterEngine::await_own(Sequence sequence) {
    try {
        outbox_.await_visible(sequence);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::needs_reopen) throw;
        throw Error{ErrorCode::outcome_unknown, error.what()};
    }
}

Sequence OneWriterEngine::publish(WriteTransaction& transaction, Sequence seen) {
    if (!epoch_recorded_)
        transaction.writes().put(TreeId::relational, epoch_key(outbox_.epoch()),
                                 epoch_value(next(seen)),
                                 std::numeric_limits<std::uint64_t>::max() / 2);
    Buffer record = transaction.writes().encode();
    const std::lock_guard lock{publication_};
    if (closed_)
        throw Error{ErrorCode::transaction_closed,
                    "the database was closed before the transaction was committed; nothing of it "
                    "has happened"};
    const Sequence sequence = outbox_.commit(std::move(record), transaction.durability());
    epoch_recorded_ = true;
    return sequence;
}

// A commit that has passed the `closed_` test must reach the journal's queue before the journal
// closes: a closed journal takes no record, and one that is closing expects none.
void OneWriterEngine::close() {
    const std::lock_guard lock{publication_};
    closed_ = true;
}

Commit OneWriterEngine::commit(std::unique_ptr<Writing> writing) {
    auto& transaction = static_cast<WriteTransaction&>(*writing);
    const Commit seen = transaction.commit();
    if (transaction.writes().empty()) {
        end(transaction);
        await_seen(seen.sequence);
        return seen;
    }
    Sequence sequence{};
    try {
        sequence = publish(transaction, seen.sequence);
    } catch (...) {
        end(transaction);
        rollbacks_.fetch_add(1, std::memory_order_relaxed);
        await_seen(seen.sequence);
        throw;
    }
    end(transaction);
    await_own(sequence);
    commits_.fetch_add(1, std::memory_order_relaxed);
    return {.epoch = outbox_.epoch(), .sequence = sequence};
}

void OneWriterEngine::rollback(std::unique_ptr<Writing> writing) {
    auto& transaction = static_cast<WriteTransaction&>(*writing);
    const Commit seen = transaction.commit();
    end(transaction);
    rollbacks_.fetch_add(1, std::memory_order_relaxed);
    await_seen(seen.sequence);
}

void OneWriterEngine::require_not_lost(const Commit& commit) {
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
    if (lost)
        throw Error{
            ErrorCode::commit_lost,
            fmt::format("commit {} of epoch {} is not in this database: it was not synced and a "
                        "crash took it, or it belongs to another database; do it again",
                        number(commit.sequence), number(commit.epoch))};
}

void OneWriterEngine::require_known(const Commit& commit) {
    turn_.require_elsewhere("waiting for a commit");
    if (commit.sequence != Sequence{}) require_not_lost(commit);
}

bool OneWriterEngine::await_delivered(TreeId tree, const Commit& commit,
                                      std::optional<std::chrono::milliseconds> timeout) {
    require_known(commit);
    return outbox_.await_delivered(tree, commit.sequence, deadline_in(timeout));
}

EngineStatistics OneWriterEngine::statistics() const {
    return {.snapshots = readers_->count(),
            .snapshot_oldest_ms = readers_->oldest_ms(),
            .snapshot_retries = snapshot_retries_.load(std::memory_order_relaxed),
            .commits = commits_.load(std::memory_order_relaxed),
            .rollbacks = rollbacks_.load(std::memory_order_relaxed)};
}

}  // namespace

std::unique_ptr<Engine> Engine::make(outbox::Outbox& outbox, EngineOptions options) {
    return std::make_unique<OneWriterEngine>(outbox, options);
}

}  // namespace amphora::transaction
