#include "base/assert.hpp"
#include "outbox/record.hpp"
#include "outbox/two_tree_outbox.hpp"

#include <algorithm>
#include <utility>

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
    for (const TreeId tree : trees_all) relay(tree).begin_at(marks[index_of(tree)].sequence);
    if (options_.relays == RelayThreads::running) {
        relational_.start();
        documents_.start();
    }

    replayed_ = 0;
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
        ++replayed_;
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
    if (replayed_ > 0 && log_)
        log_(fmt::format("{} commits up to {} are taken over from the journal", replayed_,
                         number(last)));
}

void TwoTreeOutbox::await_room_for_replay() {
    if (options_.relays == RelayThreads::none) return;  // what is read stays in memory
    for (const TreeId tree : trees_all) {
        Relay& relay = this->relay(tree);
        while (pending_.memory_bytes(tree) >= options_.pending_bytes_max) {
            const std::uint64_t failures = relay.failures();
            const Sequence published = pending_.published();
            if (relay.await_delivered(
                    published, std::chrono::steady_clock::now() + std::chrono::milliseconds{20}))
                break;
            if (const auto failure = relay.why_in_vain()) std::rethrow_exception(failure);
            if (relay.failures() != failures)
                if (const auto failure = relay.last_failure()) std::rethrow_exception(failure);
        }
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
