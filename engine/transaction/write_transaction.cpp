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
    if (const WriteSet::Node* const node = start_.writes->find(tree, key)) {
        if (node->is_removal()) return std::nullopt;
        return node->value();
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

void WriteTransaction::put(TreeId tree, Bytes key, Bytes value) {
    turn_.used_here();
    require_admitted(tree, outbox::Admits::everything);
    outbox_.require_acceptable(tree, key, value.size());
    start_.writes->put(tree, key, value, start_.bytes_max);
}

void WriteTransaction::erase(TreeId tree, Bytes key) {
    turn_.used_here();
    require_admitted(tree, outbox::Admits::removals);
    outbox_.require_acceptable(tree, key, 0);
    start_.writes->erase(tree, key, start_.bytes_max);
}

void WriteTransaction::publish(Bytes event) {
    turn_.used_here();
    start_.writes->publish(event, start_.bytes_max);
}

}  // namespace amphora::transaction
