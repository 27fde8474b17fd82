#include "database/consumers/preparations.hpp"

#include "base/clock.hpp"
#include "base/started_thread.hpp"
#include "base/thread_name.hpp"
#include "database/reader_state.hpp"
#include "database/shown_change.hpp"

#include <amphora/reader.hpp>

#include <utility>

namespace amphora::detail {

namespace {

/// Changes that are prepared within this time share one snapshot, because each snapshot may have to
/// wait for a sync.
constexpr std::int64_t snapshot_ms = 20;

}  // namespace

Preparations::Preparations(std::shared_ptr<Core> core, Preparation prepare, std::size_t workers,
                           WakeSignal& finished)
    : core_{std::move(core)}, prepare_{std::move(prepare)}, finished_{finished} {
    for (std::size_t i = 0; i < workers; ++i) {
        threads_.push_back(start_thread("preparations of a consumer", [this] { run(); }));
    }
}

Preparations::~Preparations() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    changed_.notify_all();
    threads_.clear();
}

std::shared_ptr<Preparations::Task> Preparations::begin(const events::CommitChange& change) {
    auto task = std::make_shared<Task>();
    task->change = &change;
    {
        const std::lock_guard lock{mutex_};
        waiting_.push_back(task);
    }
    changed_.notify_one();
    return task;
}

std::shared_ptr<void> Preparations::prepare(const events::CommitChange& change) {
    const Snapshot snapshot{
        std::make_shared<ReaderState>(core_, snapshot_with(change.commit.sequence))};
    ShownChange shown{core_->lineage};
    return prepare_(snapshot, shown.show(change));
}

std::shared_ptr<const transaction::Reading> Preparations::snapshot_with(Sequence sequence) {
    const std::lock_guard lock{snapshot_mutex_};
    const bool is_old = !snapshot_ || snapshot_->commit_seen().sequence < sequence ||
                        steady_ms() >= snapshot_until_ms_;
    if (is_old) {
        snapshot_.reset();
        // Work may leave the process, so it is made only of what no power cut takes back.
        snapshot_ = durable_snapshot(*core_);
        snapshot_until_ms_ = steady_ms() + snapshot_ms;
    }
    return snapshot_;
}

void Preparations::run() noexcept {
    name_thread("preparation");
    for (;;) {
        std::shared_ptr<Task> task;
        {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
            if (ending_) return;
            task = std::move(waiting_.front());
            waiting_.pop_front();
        }
        try {
            task->work = prepare(*task->change);
        } catch (...) {
            task->failure = std::current_exception();
        }
        task->done.store(true, std::memory_order_release);
        finished_.give();
    }
}

}  // namespace amphora::detail
