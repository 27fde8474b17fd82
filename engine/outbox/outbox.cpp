#include "outbox/outbox.hpp"

#include "base/clock.hpp"
#include "outbox/gate.hpp"
#include "outbox/pending.hpp"
#include "outbox/record.hpp"
#include "outbox/relay.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <mutex>

namespace amphora::outbox {
namespace {

constexpr Sequence for_ever{std::numeric_limits<std::uint64_t>::max()};

OutboxOptions checked(OutboxOptions options) {
    // Writers may wait for the memory of a table that nobody has sealed yet; several must fit.
    options.seal_bytes =
        std::max<std::uint64_t>(1, std::min(options.seal_bytes, options.pending_bytes_max / 4));
    return options;
}

class TwoTreeOutbox final : public Outbox {
  public:
    TwoTreeOutbox(journal::Journal& journal, tree::Tree& relational, tree::Tree& documents,
                  OutboxOptions options, Log log)
        : options_{checked(options)},
          journal_{journal},
          trees_{&relational, &documents},
          log_{std::move(log)},
          pending_{{.seal_bytes = options_.seal_bytes}},
          relational_{TreeId::relational,
                      relational,
                      pending_,
                      journal,
                      options_,
                      log_,
                      [this](Relay&) { after_step(); }},
          documents_{TreeId::documents,
                     documents,
                     pending_,
                     journal,
                     options_,
                     log_,
                     [this](Relay&) { after_step(); }},
          gate_{options_,
                journal,
                pending_,
                {Gate::Side{&relational, &relational_}, Gate::Side{&documents, &documents_}}} {}

    ~TwoTreeOutbox() override { stop(); }

    void recover() override;
    void close() override;

    Admission admit(Deadline deadline) override {
        require_going();
        return gate_.admit(deadline);
    }
    Admission admission() const noexcept override { return gate_.admission(); }
    void refuse(TreeId tree, const TreeAdmission& admission) const override {
        gate_.refuse(tree, admission);
    }
    Sequence commit(Buffer record, Durability durability) override;
    void accepts(TreeId tree, Bytes key, std::size_t value_bytes) const override {
        trees_[index_of(tree)]->accepts(key, value_bytes);
    }

    std::shared_ptr<const PendingList> pending(TreeId tree) const override {
        return pending_.list(tree);
    }
    std::uint64_t pending_version() const noexcept override { return pending_.version(); }
    std::shared_ptr<const tree::ReadView> view(TreeId tree) override {
        return trees_[index_of(tree)]->view();
    }
    Sequence published() const noexcept override { return pending_.published(); }
    Sequence visible() const noexcept override { return journal_.visible(); }
    void on_delivered(std::function<void()> call) override {
        const std::lock_guard lock{on_delivered_mutex_};
        on_delivered_ = std::move(call);
    }

    void await_visible(Sequence sequence) override { journal_.await_visible(sequence); }
    bool await_delivered(TreeId tree, Sequence sequence, Deadline deadline) override;

    Epoch epoch() const noexcept override { return journal_.recovery().epoch; }
    Commit recovered() const noexcept override { return recovered_; }
    void keep_after(Sequence position) override {
        keep_after_.store(position, std::memory_order_release);
    }
    OutboxStatistics statistics() const override;

  private:
    [[nodiscard]] Relay& relay(TreeId tree) noexcept {
        return tree == TreeId::relational ? relational_ : documents_;
    }
    [[nodiscard]] const Relay& relay(TreeId tree) const noexcept {
        return tree == TreeId::relational ? relational_ : documents_;
    }
    [[nodiscard]] Progress progress(const Relay& relay) const noexcept;
    void require_going() const;
    [[noreturn]] void raise_end(const Relay& relay) const;
    void require_fit(TreeId tree, const Mark& mark) const;
    void after_step();
    void recycle();
    void relieve_journal();
    void wake(const Pending::Effect& effect) noexcept;
    void await_room_for_replay();
    void stop() noexcept;

    const OutboxOptions options_;
    journal::Journal& journal_;
    const std::array<tree::Tree*, trees_count> trees_;
    const Log log_;
    Pending pending_;
    Relay relational_;
    Relay documents_;
    mutable Gate gate_;

    Commit recovered_;
    std::atomic<bool> is_recovered_{false};
    std::atomic<Sequence> keep_after_{for_ever};
    std::atomic<std::uint64_t> appended_bytes_{0};

    mutable std::mutex recycling_;
    Sequence recycled_{};
    std::uint64_t relieved_at_bytes_ = 0;  // appended_bytes_ when holding was last asked for

    std::mutex on_delivered_mutex_;
    std::function<void()> on_delivered_;
};

// In the order in which the stages follow each other, so that one that moves meanwhile only grows
// the distance.
Progress TwoTreeOutbox::progress(const Relay& relay) const noexcept {
    Progress progress;
    {
        const std::lock_guard lock{recycling_};
        progress.recycled = recycled_;
    }
    progress.held = relay.held();
    progress.delivered = relay.delivered();
    progress.durable = journal_.durable();
    progress.published = pending_.published();
    return progress;
}

void TwoTreeOutbox::require_going() const {
    if (journal_.failed()) [[unlikely]]
        throw Error{ErrorCode::needs_reopen,
                    "an earlier write or sync of the journal failed; what was read stays readable, "
                    "writing goes on after the database is opened again"};
    for (const TreeId tree : trees_all)
        if (relay(tree).has_ended()) [[unlikely]]
            raise_end(relay(tree));
}

void TwoTreeOutbox::raise_end(const Relay& relay) const {
    if (const auto failure = relay.why_ended()) std::rethrow_exception(failure);
    throw Error{ErrorCode::transaction_closed, "the database has been closed"};
}

void TwoTreeOutbox::require_fit(TreeId tree, const Mark& mark) const {
    const journal::Recovery& recovery = journal_.recovery();
    if (mark.sequence > recovery.last)
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("the {} tree holds commits up to {}, the journal ends at {}: the tree is "
                        "newer than the journal; restore both from one backup",
                        to_string(tree), number(mark.sequence), number(recovery.last))};
    if (mark.sequence < recovery.last &&
        (recovery.oldest == Sequence{} || next(mark.sequence) < recovery.oldest))
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("the {} tree holds commits up to {}, the journal begins at {}: the tree "
                        "is older than the journal; restore both from one backup",
                        to_string(tree), number(mark.sequence), number(recovery.oldest))};
}

void TwoTreeOutbox::recover() {
    std::array<Mark, trees_count> marks;
    for (const TreeId tree : trees_all) {
        marks[index_of(tree)] = trees_[index_of(tree)]->delivered();
        require_fit(tree, marks[index_of(tree)]);
    }
    const Sequence last = journal_.recovery().last;
    const Sequence start = std::min(marks[0].sequence, marks[1].sequence);
    recovered_ = {.epoch = Epoch{}, .sequence = last};
    for (const Mark& mark : marks)
        if (mark.sequence == last) recovered_.epoch = mark.epoch;
    pending_.start({marks[0].sequence, marks[1].sequence}, start);
    {
        const std::lock_guard lock{recycling_};
        const Sequence oldest = journal_.recovery().oldest;
        recycled_ = std::min({oldest == Sequence{} ? start : Sequence{number(oldest) - 1},
                              trees_[0]->held().sequence, trees_[1]->held().sequence});
    }
    // The relays run while the journal is read: what they do now is what they always do.
    for (const TreeId tree : trees_all) relay(tree).start(marks[index_of(tree)].sequence);

    std::uint64_t replayed = 0;
    journal_.replay(start, [&](const journal::Entry& entry) {
        if (entry.sequence != next(pending_.published()))
            throw Error{
                ErrorCode::corrupt,
                fmt::format("the journal goes on with commit {} after commit {}; commits are "
                            "missing; restore a backup",
                            number(entry.sequence), number(pending_.published()))};
        const Record record{entry.record, entry.sequence};
        const std::array already{entry.sequence <= marks[0].sequence,
                                 entry.sequence <= marks[1].sequence};
        wake(pending_.publish(record, already, [](Sequence) {}));
        recovered_ = {.epoch = entry.epoch, .sequence = entry.sequence};
        ++replayed;
        await_room_for_replay();
    });
    if (pending_.published() != last)
        throw Error{
            ErrorCode::corrupt,
            fmt::format("the journal's last commit is {}, reading it ended at {}; restore a "
                        "backup",
                        number(last), number(pending_.published()))};
    is_recovered_.store(true, std::memory_order_release);
    recycle();
    if (replayed > 0 && log_)
        log_(fmt::format("{} commits up to {} are taken over from the journal", replayed,
                         number(last)));
}

void TwoTreeOutbox::await_room_for_replay() {
    for (const TreeId tree : trees_all) {
        Relay& relay = this->relay(tree);
        while (pending_.memory_bytes(tree) >= options_.pending_bytes_max) {
            const std::uint64_t failures = relay.failures();
            const Sequence published = pending_.published();
            if (relay.await_delivered(
                    published, std::chrono::steady_clock::now() + std::chrono::milliseconds{20}))
                break;
            if (const auto failure = relay.why_ended()) std::rethrow_exception(failure);
            if (relay.failures() != failures)
                if (const auto failure = relay.last_failure()) std::rethrow_exception(failure);
        }
    }
}

void TwoTreeOutbox::close() {
    const Sequence last = pending_.published();
    if (is_recovered_.load(std::memory_order_acquire) && !journal_.failed()) {
        // Both at once; each waits for its own disk.
        for (const TreeId tree : trees_all) relay(tree).request(last);
        for (const TreeId tree : trees_all) {
            if (relay(tree).settle(last)) continue;
            if (log_)
                log_(fmt::format(
                    "closing with the {} tree at commit {} of {}; the journal keeps the rest "
                    "for the next open",
                    to_string(tree), number(relay(tree).delivered()), number(last)));
        }
        recycle();
    }
    stop();
}

void TwoTreeOutbox::stop() noexcept {
    relational_.stop();
    documents_.stop();
}

Sequence TwoTreeOutbox::commit(Buffer record, Durability durability) {
    require_going();
    const Sequence sequence = next(pending_.published());
    const Record parsed{record, sequence};
    const std::size_t bytes = record.size();
    gate_.require_room(parsed);
    journal_.reserve(bytes);
    const Pending::Effect effect = pending_.publish(
        parsed, {}, [&](Sequence taken) { journal_.append(taken, durability, std::move(record)); });
    appended_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    wake(effect);
    return sequence;
}

void TwoTreeOutbox::wake(const Pending::Effect& effect) noexcept {
    for (const TreeId tree : trees_all)
        if (effect.first_change[index_of(tree)] || effect.sealed[index_of(tree)])
            relay(tree).wake();
}

bool TwoTreeOutbox::await_delivered(TreeId tree, Sequence sequence, Deadline deadline) {
    if (relay(tree).delivered() >= sequence) return true;
    if (relay(tree).await_delivered(sequence, deadline)) return true;
    if (relay(tree).has_ended()) raise_end(relay(tree));
    return false;
}

// On a relay's thread, behind each step.
void TwoTreeOutbox::after_step() {
    if (is_recovered_.load(std::memory_order_acquire))
        for (const TreeId tree : trees_all) progress(relay(tree)).check();
    recycle();
    relieve_journal();
    gate_.notify();
    const std::lock_guard lock{on_delivered_mutex_};
    if (on_delivered_) on_delivered_();
}

void TwoTreeOutbox::recycle() {
    // Not while the journal is still being read.
    if (!is_recovered_.load(std::memory_order_acquire)) return;
    const std::lock_guard lock{recycling_};
#ifdef AMPHORA_MUTANT_RECYCLE_EARLY
    const Sequence gone = std::min(relational_.delivered(), documents_.delivered());
#else
    const Sequence gone = std::min(
        {relational_.held(), documents_.held(), keep_after_.load(std::memory_order_acquire)});
#endif
    if (gone <= recycled_) return;
    journal_.recycle(gone);
    recycled_ = gone;
}

// A journal that fills up waits for the tree that is furthest behind, perhaps one that has nothing
// to do or one that has everything but not yet durably. Both are asked, but not after every step:
// holding makes small files.
void TwoTreeOutbox::relieve_journal() {
    if (journal_.bytes_live() < options_.journal_bytes_max / 4) return;
    const std::uint64_t appended = appended_bytes_.load(std::memory_order_relaxed);
    {
        const std::lock_guard lock{recycling_};
        if (relieved_at_bytes_ != 0 &&
            appended - relieved_at_bytes_ < options_.journal_bytes_max / 16)
            return;
        relieved_at_bytes_ = std::max<std::uint64_t>(1, appended);
    }
    const Sequence ahead = std::max(relational_.delivered(), documents_.delivered());
    for (const TreeId tree : trees_all) {
        relay(tree).request(ahead);
        relay(tree).request_hold(ahead);
    }
}

OutboxStatistics TwoTreeOutbox::statistics() const {
    OutboxStatistics statistics;
    statistics.visible = visible();
    statistics.published = published();
    statistics.journal_bytes_live = journal_.bytes_live();
    for (const TreeId tree : trees_all) {
        RelayStatistics& side = statistics.trees[index_of(tree)];
        side.progress = progress(relay(tree));
        if (is_recovered_.load(std::memory_order_acquire)) side.progress.check();
        side.pending_bytes = pending_.memory_bytes(tree);
        side.pending_entries = pending_.entries(tree);
        side.pending_tables = pending_.list(tree)->tables().size();
        side.reader_bytes = pending_.reader_bytes(tree);
        relay(tree).add_to(side);
    }
    return statistics;
}

}  // namespace

std::unique_ptr<Outbox> Outbox::make(journal::Journal& journal, tree::Tree& relational,
                                     tree::Tree& documents, OutboxOptions options, Log log) {
    return std::make_unique<TwoTreeOutbox>(journal, relational, documents, options, std::move(log));
}

}  // namespace amphora::outbox
