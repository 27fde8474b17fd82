#include "outbox/delivery.hpp"

#include <algorithm>

namespace amphora::outbox {
namespace {

tree::Change to_change(const SkipList::Entry& entry) {
    const SkipList::Version& newest = entry.newest();
    if (newest.is_removal()) return {.key = entry.key(), .value = std::nullopt};
    return {.key = entry.key(), .value = newest.value()};
}

}  // namespace

std::vector<tree::Change> fold(std::span<const std::shared_ptr<PendingTable>> tables) {
    std::vector<tree::Change> changes;
    std::size_t versions = 0;
    for (const auto& table : tables) versions += table->list().versions();
    changes.reserve(versions);

    std::vector<const SkipList::Entry*> at;  // the position in each table
    for (const auto& table : tables) at.push_back(table->list().first());
    if (at.size() == 1) {
        for (const SkipList::Entry* entry = at.front(); entry != nullptr; entry = entry->next()) {
            changes.push_back(to_change(*entry));
        }
        return changes;
    }
    for (;;) {
        const SkipList::Entry* newest = nullptr;
        for (const SkipList::Entry* const entry : at) {  // oldest table first: a later one wins
            if (entry != nullptr && (newest == nullptr || entry->key() <= newest->key())) {
                newest = entry;
            }
        }
        if (newest == nullptr) return changes;
        changes.push_back(to_change(*newest));
        for (const SkipList::Entry*& entry : at) {
            if (entry != nullptr && entry->key() == newest->key()) entry = entry->next();
        }
    }
}

}  // namespace amphora::outbox
