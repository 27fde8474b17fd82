#include "outbox/delivery.hpp"

#include <algorithm>

namespace amphora::outbox {
namespace {

tree::Change to_change(const SkipList::Node& node) {
    if (node.is_removal()) return {.key = node.key(), .value = std::nullopt};
    return {.key = node.key(), .value = node.value()};
}

}  // namespace

std::vector<tree::Change> fold(std::span<const std::shared_ptr<PendingTable>> tables) {
    std::vector<tree::Change> changes;
    std::size_t entries = 0;
    for (const auto& table : tables) entries += table->list().entries();
    changes.reserve(entries);

    // The position in each table; a table's newest version of a key comes first in it.
    std::vector<const SkipList::Node*> at;
    for (const auto& table : tables) at.push_back(table->list().first());
    const auto pass = [](const SkipList::Node*& node, Bytes key) {
        while (node != nullptr && node->key() == key) node = node->next();
    };
    if (at.size() == 1) {
        for (const SkipList::Node* node = at.front(); node != nullptr;) {
            changes.push_back(to_change(*node));
            pass(node, changes.back().key);
        }
        return changes;
    }
    for (;;) {
        const SkipList::Node* newest = nullptr;
        for (const SkipList::Node* const node : at) {  // oldest table first: a later one wins
            if (node != nullptr && (newest == nullptr || node->key() <= newest->key())) {
                newest = node;
            }
        }
        if (newest == nullptr) return changes;
        changes.push_back(to_change(*newest));
        for (const SkipList::Node*& node : at) pass(node, newest->key());
    }
}

}  // namespace amphora::outbox
