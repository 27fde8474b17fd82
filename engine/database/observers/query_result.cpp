#include "database/observers/query_result.hpp"

#include <algorithm>

namespace amphora::detail {

bool QueryResult::add(Bytes key, Bytes state) {
    const std::size_t bytes = bytes_.size() + key.size() + state.size();
    if (bytes + (entries_.size() + 1) * sizeof(Entry) > bytes_max_) return false;
    entries_.push_back({bytes_.size(), key.size(), state.size()});
    bytes_ += key;
    bytes_ += state;
    return true;
}

void QueryResult::sort() {
    std::ranges::sort(entries_, {}, [this](const Entry& entry) { return key(entry); });
}

Differences<Bytes> QueryResult::differences_from(const QueryResult& before) const {
    Differences<Bytes> differences;
    auto old = before.entries_.begin();
    auto now = entries_.begin();
    while (old != before.entries_.end() || now != entries_.end()) {
        const bool is_gone =
            now == entries_.end() || (old != before.entries_.end() && before.key(*old) < key(*now));
        const bool is_new =
            old == before.entries_.end() || (now != entries_.end() && key(*now) < before.key(*old));
        if (is_gone) {
            differences.removed.push_back(before.state(*old++));
        } else if (is_new) {
            differences.added.push_back(state(*now++));
        } else {
            const Bytes was = before.state(*old++);
            const Bytes is = state(*now++);
            if (was != is) differences.changed.push_back({was, is});
        }
    }
    return differences;
}

}  // namespace amphora::detail
