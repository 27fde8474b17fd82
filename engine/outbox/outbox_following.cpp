#include "base/assert.hpp"
#include "outbox/outbox.hpp"
#include "outbox/record.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::outbox {

void Outbox::follow(const journal::Entry& entry) {
    AMPHORA_ASSERT(options_.relays == RelayThreads::none && is_recovered_.load());
    if (entry.sequence != next(pending_.published())) {
        throw Error{ErrorCode::corrupt,
                    fmt::format("the journal continues with commit {} after commit {}",
                                number(entry.sequence), number(pending_.published()))};
    }
    (void)pending_.publish(Record{entry.record, entry.sequence}, [](Sequence) {});
}

// The tree's view is shown already, so a reader that takes the shorter list first takes that view
// or a newer one afterwards. The active table is sealed when the tree has advanced, so that it can
// be dropped after the next advance, also if it never becomes full.
void Outbox::drop_delivered(TreeId tree) {
    AMPHORA_ASSERT(options_.relays == RelayThreads::none && is_recovered_.load());
    const Sequence shown = trees_[index_of(tree)]->view()->mark().sequence;
    AMPHORA_ASSERT(shown <= journal_.visible());
    if (shown > relay(tree).delivered()) {
        pending_.seal(tree);
        const auto tables = pending_.sealed(tree);
        const auto kept = std::ranges::find_if(
            tables, [shown](const auto& table) { return table->end() > shown; });
        // Also if there is none to drop: the list is a new one. So a reader that has taken the old
        // view at the same moment does not keep it for others.
        pending_.drop(tree, static_cast<std::size_t>(kept - tables.begin()));
        relay(tree).begin_at(shown);
    }
    const std::lock_guard lock{on_delivered_mutex_};
    if (on_delivered_) on_delivered_();
}

}  // namespace amphora::outbox
