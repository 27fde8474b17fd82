#include "events/change_batch.hpp"

#include <utility>

namespace amphora::events {

namespace {

/// Everything in a change that points into its record.
template <class Change, class Visit>
void each_part(Change& change, Visit visit) {
    if (change.kind == ChangeKind::event || change.kind == ChangeKind::schema) visit(change.name);
    visit(change.key);
    if (change.after) visit(*change.after);
    if (change.before) visit(*change.before);
    visit(change.context.origin);
    visit(change.context.correlation);
    visit(change.context.causation);
}

}  // namespace

void ChangeBatch::add(const CommitChange& change, const std::optional<SnapshotPlace>& snapshot) {
    std::unique_ptr<Owned> owned;
    if (unused_.empty()) {
        owned = std::make_unique<Owned>();
    } else {
        owned = std::move(unused_.back());
        unused_.pop_back();
    }
    owned->change = change;
    owned->snapshot = snapshot;
    std::size_t bytes = 0;
    each_part(change, [&](Bytes part) { bytes += part.size(); });
    owned->bytes.clear();
    owned->bytes.reserve(bytes);
    each_part(owned->change, [&](Bytes& part) {
        const std::size_t at = owned->bytes.size();
        owned->bytes.append(part);
        part = Bytes{owned->bytes}.substr(at);
    });
    changes_.push_back(std::move(owned));
}

void ChangeBatch::drop_front(std::size_t count) {
    unused_.reserve(unused_.size() + count);
    for (; count > 0; --count) {
        if (changes_.front()->bytes.capacity() <= kept_bytes_max) {
            unused_.push_back(std::move(changes_.front()));
        }
        changes_.pop_front();
    }
}

}  // namespace amphora::events
