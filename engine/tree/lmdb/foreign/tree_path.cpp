#include "tree/lmdb/foreign/tree_path.hpp"

namespace amphora::lmdb {

namespace {

/// On which side of the result a key that is equal to the wanted one is.
enum class Equal : std::uint8_t { before, after };

/// The first index in [first, last) whose key is after `key`, or also equal to it; else `last`.
template <class KeyAt>
std::size_t search(std::size_t first, std::size_t last, Bytes key, Equal equal, KeyAt key_at) {
    while (first < last) {
        const std::size_t middle = first + (last - first) / 2;
        const int order = key_at(middle).compare(key);
        if (order < 0 || (order == 0 && equal == Equal::before)) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    return first;
}

}  // namespace

TreePath::TreePath(const ViewPages& pages)
    : pages_{pages}, levels_{std::vector<Level>(pages.meta().main.depth)} {}

bool TreePath::find(Bytes key) {
    if (levels_.empty()) return false;
    const std::size_t index = descend_to(key);
    if (index == entries_of(levels_.back()) || key_at(levels_.back(), index) != key) return false;
    stand_at(index);
    return true;
}

bool TreePath::seek(Bytes key) {
    if (levels_.empty()) return false;
    const std::size_t index = descend_to(key);
    if (index < entries_of(levels_.back())) {
        stand_at(index);
        return true;
    }
    stand_at(index - 1);
    return next();
}

bool TreePath::seek_before(Bytes key) {
    if (levels_.empty()) return false;
    const std::size_t index = descend_to(key);
    if (index > 0) {
        stand_at(index - 1);
        return true;
    }
    stand_at(0);
    return previous();
}

bool TreePath::seek_last() {
    if (levels_.empty()) return false;
    descend_along(Direction::backward, 0, pages_.meta().main.root);
    return true;
}

std::size_t TreePath::descend_to(Bytes key) {
    std::uint64_t number = pages_.meta().main.root;
    for (std::size_t depth = 0; depth + 1 < levels_.size(); ++depth) {
        open(depth, number);
        Level& level = levels_[depth];
        // The first child has everything before the second key.
        level.index = search(1, entries_of(level), key, Equal::before,
                             [&](std::size_t i) { return key_at(level, i); }) -
                      1;
        number = child_of(level);
    }
    open(levels_.size() - 1, number);
    const Level& leaf = levels_.back();
    return search(0, entries_of(leaf), key, Equal::after,
                  [&](std::size_t i) { return key_at(leaf, i); });
}

void TreePath::descend_along(Direction edge, std::size_t depth, std::uint64_t child) {
    for (;; ++depth) {
        open(depth, child);
        Level& level = levels_[depth];
        level.index = edge == Direction::forward ? 0 : entries_of(level) - 1;
        if (depth + 1 == levels_.size()) break;
        child = child_of(level);
    }
    stand_at(levels_.back().index);
}

bool TreePath::step(Direction direction) {
    const bool is_forward = direction == Direction::forward;
    std::size_t depth = levels_.size();
    for (; depth > 0; --depth) {
        const Level& level = levels_[depth - 1];
        if (is_forward ? level.index + 1 < entries_of(level) : level.index > 0) break;
    }
    if (depth == 0) return false;
    Level& turning = levels_[depth - 1];
    turning.index = is_forward ? turning.index + 1 : turning.index - 1;
    if (depth < levels_.size()) {
        descend_along(direction, depth, child_of(turning));
    } else {
        stand_at(turning.index);
    }
    return true;
}

void TreePath::open(std::size_t depth, std::uint64_t number) {
    const bool is_leaf = depth + 1 == levels_.size();
    pages_.read(number, is_leaf ? DataPage::Kind::leaf : DataPage::Kind::branch,
                levels_[depth].place);
    require_between_separators(depth);
}

/// The nearest separator on each side is the narrowest one.
void TreePath::require_between_separators(std::size_t depth) const {
    const Level& here = levels_[depth];
    const bool is_leaf = depth + 1 == levels_.size();
    const std::size_t first = is_leaf ? 0 : 1;  // the first key of a branch is never used
    if (first == entries_of(here)) return;
    bool sound = true;
    for (std::size_t above = depth; above-- > 0;) {
        const Level& level = levels_[above];
        if (level.index == 0) continue;
        sound = key_at(level, level.index) <= key_at(here, first);
        break;
    }
    for (std::size_t above = depth; above-- > 0 && sound;) {
        const Level& level = levels_[above];
        if (level.index + 1 == entries_of(level)) continue;
        sound = key_at(here, entries_of(here) - 1) < key_at(level, level.index + 1);
        break;
    }
    if (!sound) {
        pages_.fail(here.place.page->number(), "has keys outside of the separators above it");
    }
}

void TreePath::stand_at(std::size_t index) {
    levels_.back().index = index;
    entry_ = pages_.node(leaf(), index);
}

std::uint64_t TreePath::child_of(const Level& level) const {
    return pages_.node(*level.place.page, level.index).child;
}

}  // namespace amphora::lmdb
