#include "transaction/write_transaction.hpp"

#include "base/clock.hpp"
#include "transaction/merged_cursor.hpp"

#include <utility>

namespace amphora::transaction {

WriteTransaction::WriteTransaction(outbox::Outbox& outbox, Turn& turn, Start start)
    : outbox_{outbox}, turn_{turn}, start_{std::move(start)}, now_us_{amphora::now_us()} {}

std::shared_ptr<WriteSet> WriteTransaction::give_up_turn() noexcept {
    if (!std::exchange(has_turn_, false)) return nullptr;
    turn_.give_up();
    return std::move(start_.writes);
}

std::optional<Bytes> WriteTransaction::find(TreeId tree, Bytes key, Buffer& scratch) const {
    turn_.used_here();
    if (const WriteSet::Version* const version = start_.writes->find(tree, key)) {
        if (version->is_removal()) return std::nullopt;
        return version->value();
    }
    return start_.view->find(tree, key, start_.seen.sequence, scratch);
}

std::unique_ptr<Cursor> WriteTransaction::cursor(TreeId tree, Bytes lower, Bytes upper) const {
    turn_.used_here();
    return std::make_unique<MergedCursor>(tree, start_.view, start_.seen.sequence, start_.writes,
                                          MergedCursor::Range{lower, upper}, 0);
}

void WriteTransaction::require_admitted(TreeId tree, outbox::Admits needed) const {
    const outbox::TreeAdmission& admission = start_.admission[tree];
    if (admission.admits > needed) [[unlikely]] {
        outbox_.refuse(tree, admission);
    }
}

void WriteTransaction::require_taken(TreeId tree, Bytes key, Bytes value) const {
    turn_.used_here();
    require_admitted(tree, outbox::Admits::everything);
    outbox_.require_acceptable(tree, key, value.size());
}

/// What the record keeps of a key, given what the caller has found. That is the state before the
/// transaction only at the first write of the key.
std::optional<Bytes> WriteTransaction::state_to_keep(TreeId tree, Bytes key, KeptState found,
                                                     Buffer& scratch) const {
    if (!found) [[likely]] {
        return std::nullopt;
    }
    const auto earlier = start_.writes->earlier(tree, key);
    if (!earlier) return found;
    if (earlier->before == outbox::Before::absent || earlier->state) return std::nullopt;
    return start_.view->find(tree, key, start_.seen.sequence, scratch);
}

void WriteTransaction::put(TreeId tree, Bytes key, Bytes value) {
    require_taken(tree, key, value);
    start_.writes->put(tree, key, value, outbox::Before::absent, std::nullopt, start_.bytes_max);
}

void WriteTransaction::put_over(TreeId tree, Bytes key, Bytes value, KeptState kept) {
    require_taken(tree, key, value);
    Buffer scratch;
    start_.writes->put(tree, key, value, outbox::Before::present,
                       state_to_keep(tree, key, kept, scratch), start_.bytes_max);
}

void WriteTransaction::erase(TreeId tree, Bytes key, KeptState kept) {
    turn_.used_here();
    require_admitted(tree, outbox::Admits::removals);
    outbox_.require_acceptable(tree, key, 0);
    Buffer scratch;
    start_.writes->erase(tree, key, state_to_keep(tree, key, kept, scratch), start_.bytes_max);
}

void WriteTransaction::publish(Bytes event, journal::CommitTags tags) {
    turn_.used_here();
    // An event is only in the journal, where feeds keep it.
    if (start_.admission[TreeId::relational].code == ErrorCode::feed_full) {
        require_admitted(TreeId::relational, outbox::Admits::everything);
    }
    start_.writes->publish(event, tags, start_.bytes_max);
}

void WriteTransaction::set_context(const outbox::Context& context) {
    turn_.used_here();
    start_.writes->set_context(context, start_.bytes_max);
}

}  // namespace amphora::transaction
