#include "outbox/outbox.hpp"

#include "outbox/record.hpp"
#include "outbox/refill.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <thread>
#include <utility>

namespace amphora::outbox {
namespace {

OutboxOptions checked(OutboxOptions options) {
    // Writers may wait for the memory of a table that is not sealed yet, so several must fit.
    options.seal_bytes =
        std::max<std::uint64_t>(1, std::min(options.seal_bytes, options.pending_bytes_max / 4));
    return options;
}

}  // namespace

Outbox::Outbox(journal::Journal& journal, tree::Tree& relational, tree::Tree& documents,
               const OutboxOptions& options, Log log)
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
            keepers_,
            {Gate::Side{&relational, &relational_}, Gate::Side{&documents, &documents_}}} {
    journal_.on_hold_released([this] { recycle_released(); });
}

// In the order of the stages: one that advances meanwhile only makes the distance larger.
Progress Outbox::progress(const Relay& relay) const noexcept {
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

void Outbox::require_usable() const {
    if (options_.relays == RelayThreads::none) [[unlikely]] {
        throw Error{ErrorCode::read_only, "the database was opened read-only"};
    }
    if (journal_.failed()) [[unlikely]] {
        throw Error{ErrorCode::needs_reopen,
                    "an earlier write or sync of the journal failed; what was read stays readable, "
                    "writing continues after the database is opened again"};
    }
    for (const TreeId tree : trees_all) {
        if (relay(tree).has_ended()) [[unlikely]] {
            raise_end(relay(tree));
        }
    }
}

void Outbox::raise_end(const Relay& relay) const {
    if (const auto failure = relay.why_in_vain()) std::rethrow_exception(failure);
    throw Error{ErrorCode::transaction_closed, "the database has been closed; open it again"};
}

Sequence Outbox::commit(Buffer record, Durability durability, journal::CommitTags tags) {
    require_usable();
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
    const Pending::Effect effect = pending_.publish(parsed, [&](Sequence taken) {
        journal_.append(taken, durability, std::move(record), tags);
    });
    wake(effect);
    return sequence;
}

void Outbox::wake(const Pending::Effect& effect) noexcept {
    for (const TreeId tree : trees_all) {
        if (effect.first_change[index_of(tree)] || effect.sealed[index_of(tree)]) {
            relay(tree).wake();
        }
    }
}

bool Outbox::await_delivered(TreeId tree, Sequence sequence, Deadline deadline) {
    if (relay(tree).delivered() >= sequence) return true;
    if (options_.relays == RelayThreads::none) require_usable();
    while (!relay(tree).await_delivered(sequence, deadline)) {
        if (const auto failure = relay(tree).why_in_vain()) std::rethrow_exception(failure);
        if (relay(tree).has_ended()) raise_end(relay(tree));
        if (deadline.has_passed()) return false;
        // The relay stopped waiting, and the tree has recovered since.
    }
    return true;
}

// Called on a relay's thread, after each step.
void Outbox::after_step() {
    if (is_recovered_.load(std::memory_order_acquire)) {
        for (const TreeId tree : trees_all) progress(relay(tree)).check();
    }
    recycle();
    relieve_journal();
    gate_.notify();
    const std::lock_guard lock{on_delivered_mutex_};
    if (on_delivered_) on_delivered_();
}

void Outbox::recycle() {
    if (options_.relays == RelayThreads::none) return;
    // Not while the journal is still being read.
    if (!is_recovered_.load(std::memory_order_acquire)) return;
    const std::vector<journal::FeedLag> skipped = recycle_and_skip();
    if (!log_) return;
    for (const journal::FeedLag& feed : skipped) {
        log_(
            fmt::format("feed_bytes_max ({:.1f} MiB) is reached: {} loses its place after commit "
                        "{}, {} commits before the end",
                        static_cast<double>(options_.feed_bytes_max) / (1u << 20), feed.name,
                        number(feed.after), feed.commits));
    }
}

// Only here more is kept for feeds than before, so only here they can reach their bound. Returns
// the feeds that have lost their place.
std::vector<journal::FeedLag> Outbox::recycle_and_skip() {
    std::vector<journal::FeedLag> skipped;
    const std::lock_guard lock{recycling_};
    const Sequence gone =
        std::min({relational_.held(), documents_.held(), keepers_.needed_after()});
    // Lower than before: recycling pauses. The same: holds may have released segments since.
    if (gone < recycled_ || gone == Sequence{}) return skipped;
    journal_.recycle(gone);
    recycled_ = gone;
    while (journal_.bytes_for_feeds() >= options_.feed_bytes_max) {
        auto feed = journal_.give_up_slowest_feed();
        if (!feed) break;
        skipped.push_back(*std::move(feed));
    }
    return skipped;
}

// Called on the thread of a reader of the journal.
void Outbox::recycle_released() noexcept {
    try {
        recycle();
    } catch (const std::bad_alloc&) {
        return;  // the next step of a relay recycles it
    }
    gate_.notify();
}

void Outbox::keep_after(Keeper keeper, Sequence position) {
    {
        // A thread that recycles at this moment uses the old positions; it has finished once this
        // has the lock.
        const std::lock_guard lock{recycling_};
        keepers_.set(keeper, position);
    }
    recycle();
    gate_.notify();
}

// A journal that fills up waits for the tree that holds least. That tree may have nothing to do, or
// it may have delivered everything without holding it. So both trees are asked, but not after every
// step, because holding makes small files. The growth of the journal since the last time decides,
// in the journal's own bytes: even a commit of a hundred bytes takes a block.
void Outbox::relieve_journal() {
    const journal::JournalBytes bytes = journal_.bytes();
    const std::uint64_t live = bytes.live - bytes.unneeded;  // what is held already needs no relief
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

OutboxStatistics Outbox::statistics() const {
    OutboxStatistics statistics;
    statistics.visible = visible();
    statistics.published = published();
    statistics.journal_bytes_live = journal_.bytes_live();
    if (is_recovered_.load(std::memory_order_acquire)) {
        statistics.commits_replayed = replayed_;
        statistics.missing = missing_;
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

void Outbox::require_fit(TreeId tree, const Mark& mark) const {
    const journal::Recovery& recovery = journal_.recovery();
    if (mark.sequence > recovery.last) {
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("the {} tree holds commits up to {}, the journal ends at {}: the tree is "
                        "newer than the journal; restore both from one backup",
                        to_string(tree), number(mark.sequence), number(recovery.last))};
    }
    if (mark.sequence < recovery.last &&
        (recovery.oldest == Sequence{} || next(mark.sequence) < recovery.oldest)) {
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("the {} tree holds commits up to {}, the journal begins at {}: the tree "
                        "is older than the journal; restore both from one backup",
                        to_string(tree), number(mark.sequence), number(recovery.oldest))};
    }
}

void Outbox::recover() {
    std::array<Mark, trees_count> marks;
    for (const TreeId tree : trees_all) {
        marks[index_of(tree)] = trees_[index_of(tree)]->delivered();
        if (options_.missing == MissingCommits::refuse) require_fit(tree, marks[index_of(tree)]);
    }
    const Sequence last = journal_.recovery().last;
    const Sequence start = std::min(marks[0].sequence, marks[1].sequence);
    recovered_ = {.epoch = Epoch{}, .sequence = last};
    for (const Mark& mark : marks) {
        if (mark.sequence == last) recovered_.epoch = mark.epoch;
    }
    pending_.start({marks[0].sequence, marks[1].sequence}, start);
    {
        const std::lock_guard lock{recycling_};
        const Sequence oldest = journal_.recovery().oldest;
        recycled_ = std::min({oldest == Sequence{} ? start : Sequence{number(oldest) - 1},
                              trees_[0]->held().sequence, trees_[1]->held().sequence});
    }
    for (const TreeId tree : trees_all) relay(tree).begin_at(marks[index_of(tree)].sequence);
    take_over(marks, last);
    pending_.continue_after(last);
    replayed_ = number(last) - number(start);
    if (options_.relays == RelayThreads::running) {
        for (const TreeId tree : trees_all) relay(tree).start();
    }
    is_recovered_.store(true, std::memory_order_release);
    recycle();
    if (replayed_ > 0 && log_) {
        log_(fmt::format("{} commits up to {} are taken over from the journal", replayed_,
                         number(last)));
    }
}

// Each tree reads the journal for itself, both at the same time: the caller waits, and most of the
// time is spent on making the tables. The relays would slow that down, so they start after it.
void Outbox::take_over(const std::array<Mark, trees_count>& marks, Sequence last) {
    std::array<std::exception_ptr, trees_count> failures;
    std::array<Epoch, trees_count> epochs{};
    const auto refill_from_journal = [&](TreeId tree) noexcept {
        const std::size_t at = index_of(tree);
        try {
            epochs[at] = refill(tree, marks[at].sequence, last, failures[at]);
        } catch (...) {
            failures[at] = std::current_exception();
        }
    };
    {
        std::optional<std::jthread> of_documents;
        if (marks[index_of(TreeId::documents)].sequence < last) {
            of_documents.emplace([&] { refill_from_journal(TreeId::documents); });
        }
        if (marks[index_of(TreeId::relational)].sequence < last) {
            refill_from_journal(TreeId::relational);
        }
    }
    for (const TreeId tree : trees_all) {
        if (const auto& failure = failures[index_of(tree)]) leave_out(tree, failure);
    }
    for (const Epoch epoch : epochs) {
        if (epoch != Epoch{}) recovered_.epoch = epoch;
    }
}

// Returns the epoch of the last commit that was taken.
Epoch Outbox::refill(TreeId tree, Sequence delivered, Sequence last, std::exception_ptr& lacking) {
    Refill refill{tree, delivered, pending_, relay(tree), options_};
    try {
        journal_.replay(delivered, [&](const journal::Entry& entry) { refill.take(entry); });
        refill.finish(last);
    } catch (const Error&) {
        if (options_.missing == MissingCommits::refuse) throw;
        lacking = std::current_exception();
        refill.give_up();
    }
    return refill.epoch();
}

void Outbox::leave_out(TreeId tree, const std::exception_ptr& failure) {
    if (options_.missing == MissingCommits::refuse) std::rethrow_exception(failure);
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        missing_.push_back(
            fmt::format("the {} tree lacks commits: {}", to_string(tree), error.what()));
    }
}

void Outbox::close() {
    const Sequence last = pending_.published();
    if (options_.relays == RelayThreads::running && is_recovered_.load(std::memory_order_acquire) &&
        !journal_.failed()) {
        // Both at once; each waits for its own disk.
        for (const TreeId tree : trees_all) relay(tree).request(last);
        for (const TreeId tree : trees_all) {
            if (relay(tree).settle(last)) continue;
            if (log_) {
                log_(fmt::format(
                    "closing with the {} tree at commit {} of {}; the journal keeps the rest "
                    "for the next open",
                    to_string(tree), number(relay(tree).delivered()), number(last)));
            }
        }
        recycle();
    }
    stop();
}

void Outbox::stop() noexcept {
    relational_.stop();
    documents_.stop();
}

}  // namespace amphora::outbox
