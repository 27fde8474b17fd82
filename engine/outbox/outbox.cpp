#include "outbox/outbox.hpp"

#include "outbox/record.hpp"
#include "outbox/two_tree_outbox.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace amphora::outbox {
namespace {

OutboxOptions checked(OutboxOptions options) {
    // Writers may wait for the memory of a table that is not sealed yet, so several must fit.
    options.seal_bytes =
        std::max<std::uint64_t>(1, std::min(options.seal_bytes, options.pending_bytes_max / 4));
    return options;
}

}  // namespace

TwoTreeOutbox::TwoTreeOutbox(journal::Journal& journal, tree::Tree& relational,
                             tree::Tree& documents, const OutboxOptions& options, Log log)
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
            kept_,
            {Gate::Side{&relational, &relational_}, Gate::Side{&documents, &documents_}}} {}

// In the order of the stages: one that advances meanwhile only makes the distance larger.
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
    if (options_.relays == RelayThreads::none) [[unlikely]]
        throw Error{ErrorCode::read_only, "the database was opened read-only"};
    if (journal_.failed()) [[unlikely]]
        throw Error{ErrorCode::needs_reopen,
                    "an earlier write or sync of the journal failed; what was read stays readable, "
                    "writing continues after the database is opened again"};
    for (const TreeId tree : trees_all)
        if (relay(tree).has_ended()) [[unlikely]]
            raise_end(relay(tree));
}

void TwoTreeOutbox::raise_end(const Relay& relay) const {
    if (const auto failure = relay.why_in_vain()) std::rethrow_exception(failure);
    throw Error{ErrorCode::transaction_closed, "the database has been closed; open it again"};
}

Sequence TwoTreeOutbox::commit(Buffer record, Durability durability) {
    require_going();
    const Sequence sequence = next(pending_.published());
    const Record parsed{record, sequence};
    const std::size_t bytes = record.size();
    gate_.require_room(parsed);
    try {
        journal_.reserve(bytes);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::disk_full || !gate_.await_next_segment()) throw;
        journal_.reserve(bytes);
    }
    const Pending::Effect effect = pending_.publish(
        parsed, [&](Sequence taken) { journal_.append(taken, durability, std::move(record)); });
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
    if (options_.relays == RelayThreads::none) require_going();
    while (!relay(tree).await_delivered(sequence, deadline)) {
        if (const auto failure = relay(tree).why_in_vain()) std::rethrow_exception(failure);
        if (relay(tree).has_ended()) raise_end(relay(tree));
        if (deadline && std::chrono::steady_clock::now() >= *deadline) return false;
        // The relay stopped waiting, and the tree has recovered since.
    }
    return true;
}

// Called on a relay's thread, after each step.
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
    if (options_.relays == RelayThreads::none) return;
    // Not while the journal is still being read.
    if (!is_recovered_.load(std::memory_order_acquire)) return;
    const std::lock_guard lock{recycling_};
    const Sequence gone = std::min({relational_.held(), documents_.held(), kept_.needed_after()});
    if (gone <= recycled_) return;
    journal_.recycle(gone);
    recycled_ = gone;
}

void TwoTreeOutbox::keep_after(Keeper keeper, Sequence position) {
    {
        // A thread that recycles at this moment uses the old positions; it has finished once this
        // has the lock.
        const std::lock_guard lock{recycling_};
        kept_.set(keeper, position);
    }
    recycle();
    gate_.notify();
}

// A journal that fills up waits for the tree that holds least. That tree may have nothing to do, or
// it may have delivered everything without holding it. So both trees are asked, but not after every
// step, because holding makes small files. The growth of the journal since the last time decides,
// in the journal's own bytes: even a commit of a hundred bytes takes a block.
// a commit of a hundred takes a block of it.
void TwoTreeOutbox::relieve_journal() {
    const std::uint64_t live = journal_.bytes_live();
    const std::uint64_t relief = options_.journal_relief_bytes != 0
                                     ? options_.journal_relief_bytes
                                     : options_.journal_bytes_max / 4;
    {
        const std::lock_guard lock{recycling_};
        relieved_at_bytes_ = std::min(relieved_at_bytes_, live);
        if (live < relief) return;
        if (live - relieved_at_bytes_ < options_.journal_bytes_max / 16) return;
        relieved_at_bytes_ = live;
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
    if (is_recovered_.load(std::memory_order_acquire)) {
        statistics.commits_replayed = replayed_;
        statistics.left_out = left_out_;
    }
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

std::unique_ptr<Outbox> Outbox::make(journal::Journal& journal, tree::Tree& relational,
                                     tree::Tree& documents, OutboxOptions options, Log log) {
    return std::make_unique<TwoTreeOutbox>(journal, relational, documents, options, std::move(log));
}

}  // namespace amphora::outbox
