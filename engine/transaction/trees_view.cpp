#include "transaction/trees_view.hpp"

#include <algorithm>

namespace amphora::transaction {

std::shared_ptr<const TreesView> TreesView::take(outbox::Outbox& outbox) {
    auto taken = std::make_shared<TreesView>();
    taken->version_ = outbox.pending_version();
    for (const TreeId tree : trees_all) taken->sides_[index_of(tree)].list = outbox.pending(tree);
    for (const TreeId tree : trees_all) taken->sides_[index_of(tree)].view = outbox.view(tree);
    for (const TreeId tree : trees_all) {
        Side& side = taken->sides_[index_of(tree)];
        const Sequence mark = side.view->mark().sequence;
        taken->floor_ = std::max(taken->floor_, mark);
        const auto& tables = side.list->tables();
        for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
            if ((*table)->end() > mark) side.tables.push_back(table->get());
        }
    }
    return taken;
}

Sequence TreesView::end() const noexcept {
    return std::min(sides_[0].list->end(), sides_[1].list->end());
}

std::optional<Bytes> TreesView::find(TreeId tree, Bytes key, Sequence sequence,
                                     Buffer& scratch) const {
    const Side& side = sides_[index_of(tree)];
    std::optional<std::uint64_t> hash;
    for (const outbox::PendingTable* const table : side.tables) {
        if (table->begin() >= sequence || table->list().empty()) continue;
        if (!hash) hash = outbox::KeyIndex::hash(key);
        if (const auto* const node = table->find(key, *hash, sequence)) {
            if (node->is_removal()) return std::nullopt;
            return node->value();
        }
    }
    return side.view->find(key, scratch);
}

}  // namespace amphora::transaction
