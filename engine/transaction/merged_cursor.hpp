#pragma once

#include "outbox/skip_list.hpp"
#include "transaction/reading.hpp"
#include "transaction/trees_view.hpp"
#include "transaction/write_set.hpp"
#include "tree/tree.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace amphora::transaction {

/// Write set over pending over tree, as one order of keys. For each key the uppermost layer that
/// has it decides: its value or, if it is a removal, nothing.
///
/// Invariant while the cursor moves forward: every layer is at its first key at or after the
/// current one. While it moves backward: every layer is at its last key at or before it. A change
/// of direction moves all layers.
class MergedCursor final : public Cursor {
  public:
    struct Range {
        Bytes lower, upper;
    };
    /// `writes` may be null. `expires_ms`: the time of the steady clock after which each move
    /// throws `snapshot_expired`; 0: never.
    MergedCursor(TreeId tree, std::shared_ptr<const TreesView> view, Sequence sequence,
                 std::shared_ptr<const WriteSet> writes, Range range, std::int64_t expires_ms);

    void narrow_to(Bytes lower, Bytes upper) override;
    [[nodiscard]] std::optional<Bytes> find(Bytes key) override;
    void seek_first() override;
    void seek_last() override;
    void seek(Bytes key) override;
    void seek_before(Bytes key) override;
    void next() override;
    void previous() override;
    [[nodiscard]] bool valid() const override { return valid_; }
    [[nodiscard]] Bytes key() const override { return key_; }
    [[nodiscard]] Bytes value() const override {
        return version_ != nullptr ? version_->value() : tree_->value();
    }

  private:
    using Version = outbox::SkipList::Version;
    enum class Direction : std::uint8_t { forward, backward };

    void require_alive() const;
    void narrow_layers();
    void seek_layers(Bytes key);
    /// Takes the entry that comes first in one direction, of those at which the sources stand.
    template <Direction direction>
    void select();
    void settle_forward();
    void settle_backward();
    void pass_forward();
    void pass_backward();

    const TreeId id_;
    const std::shared_ptr<const TreesView> view_;
    const Sequence sequence_;
    const std::shared_ptr<const WriteSet> writes_;
    const std::uint64_t stamp_;  // of the write set
    Buffer lower_, upper_;       // the layers' cursors point to them
    const std::int64_t expires_ms_;
    Buffer scratch_;
    std::vector<outbox::SkipCursor> layers_;  // uppermost first
    const std::unique_ptr<tree::Cursor> tree_;

    Direction direction_ = Direction::forward;
    bool valid_ = false;
    bool tree_at_key_ = false;
    const Version* version_ = nullptr;  // the layer's version; null: the key is the tree's
    Bytes key_;                         // in memory of the layer or of the tree's cursor
};

}  // namespace amphora::transaction
