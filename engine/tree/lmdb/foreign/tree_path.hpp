#pragma once

#include "tree/lmdb/foreign/view_pages.hpp"

#include <cstddef>
#include <vector>

namespace amphora::lmdb {

/// A position in a view's main tree: the pages from the root to one entry, and the place in each.
/// Shows every entry, also the tree's own. Used by one thread at a time.
///
/// Checks what a page itself cannot show: that its keys are between the separators above it. So keys
/// ascend from one entry to the next. Throws what `ViewPages` throws; then the next move must be a
/// `find` or a `seek…`.
class TreePath {
  public:
    explicit TreePath(const ViewPages& pages);

    /// Each returns whether there is such an entry, and then the path is there. A path without a
    /// position needs a `find` or a `seek…` next.
    [[nodiscard]] bool find(Bytes key);
    [[nodiscard]] bool seek(Bytes key);         ///< the first one at or after `key`
    [[nodiscard]] bool seek_before(Bytes key);  ///< the last one before `key`
    [[nodiscard]] bool seek_last();
    [[nodiscard]] bool next() { return step(Direction::forward); }
    [[nodiscard]] bool previous() { return step(Direction::backward); }

    [[nodiscard]] const DataPage::Node& entry() const noexcept { return entry_; }
    /// The leaf that has the entry.
    [[nodiscard]] const DataPage& leaf() const noexcept { return *levels_.back().place.page; }

  private:
    enum class Direction : std::uint8_t { forward, backward };
    struct Level {
        ViewPages::Place place;
        std::size_t index = 0;
    };

    /// Goes down to the leaf where `key` belongs. Returns the place of the first entry at or after
    /// `key`, which may be one after the last. There must be a root.
    [[nodiscard]] std::size_t descend_to(Bytes key);
    /// Goes down from the child at `depth`, always along the same edge.
    void descend_along(Direction edge, std::size_t depth, std::uint64_t child);
    [[nodiscard]] bool step(Direction direction);
    void open(std::size_t depth, std::uint64_t number);
    void require_between_separators(std::size_t depth) const;
    void stand_at(std::size_t index);

    [[nodiscard]] std::uint64_t child_of(const Level& level) const;
    [[nodiscard]] Bytes key_at(const Level& level, std::size_t index) const {
        return pages_.node(*level.place.page, index).key;
    }
    [[nodiscard]] static std::size_t entries_of(const Level& level) noexcept {
        return level.place.page->entries();
    }

    const ViewPages& pages_;
    std::vector<Level> levels_;  ///< from the root to the leaf; none: the tree is empty
    DataPage::Node entry_;
};

}  // namespace amphora::lmdb
