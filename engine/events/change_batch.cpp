#include "events/change_batch.hpp"

#include <array>
#include <optional>

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
    Owned& owned =
        changes_.emplace_back(Owned{.bytes = {}, .change = change, .snapshot = snapshot});
    std::size_t bytes = 0;
    each_part(change, [&](Bytes part) { bytes += part.size(); });
    owned.bytes.reserve(bytes);
    each_part(owned.change, [&](Bytes& part) {
        const std::size_t at = owned.bytes.size();
        owned.bytes.append(part);
        part = Bytes{owned.bytes}.substr(at);
    });
}

void ChangeBatch::drop_front(std::size_t count) {
    changes_.erase(changes_.begin(), changes_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace amphora::events
