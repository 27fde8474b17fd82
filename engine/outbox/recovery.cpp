#include "outbox/refill.hpp"
#include "outbox/two_tree_outbox.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <thread>

#include <fmt/format.h>

namespace amphora::outbox {

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
        if (options_.rest == Rest::required) require_fit(tree, marks[index_of(tree)]);
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
    for (const TreeId tree : trees_all) relay(tree).begin_at(marks[index_of(tree)].sequence);
    take_over(marks, last);
    pending_.go_on_after(last);
    replayed_ = number(last) - number(start);
    if (options_.relays == RelayThreads::running)
        for (const TreeId tree : trees_all) relay(tree).start();
    is_recovered_.store(true, std::memory_order_release);
    recycle();
    if (replayed_ > 0 && log_)
        log_(fmt::format("{} commits up to {} are taken over from the journal", replayed_,
                         number(last)));
}

// Each tree reads the journal for itself, both at the same time: the caller waits, and most of the
// time is spent on making the tables. The relays would slow that down, so they start after it.
void TwoTreeOutbox::take_over(const std::array<Mark, trees_count>& marks, Sequence last) {
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
        if (marks[index_of(TreeId::documents)].sequence < last)
            of_documents.emplace([&] { refill_from_journal(TreeId::documents); });
        if (marks[index_of(TreeId::relational)].sequence < last)
            refill_from_journal(TreeId::relational);
    }
    for (const TreeId tree : trees_all)
        if (const auto& failure = failures[index_of(tree)]) leave_out(tree, failure);
    for (const Epoch epoch : epochs)
        if (epoch != Epoch{}) recovered_.epoch = epoch;
}

// Returns the epoch of the last commit that was taken.
Epoch TwoTreeOutbox::refill(TreeId tree, Sequence delivered, Sequence last,
                            std::exception_ptr& lacking) {
    Refill refill{tree, delivered, pending_, relay(tree), options_};
    try {
        journal_.replay(delivered, [&](const journal::Entry& entry) { refill.take(entry); });
        refill.finish(last);
    } catch (const Error&) {
        if (options_.rest == Rest::required) throw;
        lacking = std::current_exception();
        refill.give_up();
    }
    return refill.epoch();
}

void TwoTreeOutbox::leave_out(TreeId tree, const std::exception_ptr& failure) {
    if (options_.rest == Rest::required) std::rethrow_exception(failure);
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        left_out_.push_back(
            fmt::format("the {} tree lacks commits: {}", to_string(tree), error.what()));
    }
}

void TwoTreeOutbox::close() {
    const Sequence last = pending_.published();
    if (options_.relays == RelayThreads::running && is_recovered_.load(std::memory_order_acquire) &&
        !journal_.failed()) {
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

}  // namespace amphora::outbox
