#include "relational/constraint/children.hpp"

#include "base/assert.hpp"
#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "relational/row/index_entry.hpp"
#include "relational/value/comparison.hpp"

namespace amphora::relational {
namespace {

std::size_t columns_bytes_max(const BoundIndex& index) {
    return index.definition != nullptr ? index_columns_bytes_max
                                       : codec::key_space_bytes + catalog::primary_key_bytes_max;
}

// The bounds of all stored keys of the child's index that begin with the parent's primary key.
struct Bounds {
    Buffer lower;
    Buffer upper;
    bool exact;
};
Bounds bounds_of(const Child& child, std::span<const Cell> primary) {
    codec::KeyWriter writer{child.index->space};
    for (const Cell& cell : primary) writer.cell(cell);
    const std::size_t bytes_max = columns_bytes_max(*child.index);
    const bool exact = writer.size() <= bytes_max - codec::key_hash_bytes;
    if (exact) return {writer.take(), codec::prefix_end(writer.bytes()), true};
    return {codec::limit_lower(writer.bytes(), bytes_max),
            codec::limit_upper(codec::prefix_end(writer.bytes()), bytes_max), false};
}

}  // namespace

bool has_children(const transaction::Reading& reading, const Child& child,
                  std::span<const Cell> primary) {
    const Bounds bounds = bounds_of(child, primary);
    if (bounds.exact) {
        const auto cursor = reading.cursor(TreeId::relational, bounds.lower, bounds.upper);
        cursor->seek_first();
        return cursor->valid();
    }
    return ChildWalk{reading, child, primary}.next().has_value();
}

ChildWalk::ChildWalk(const transaction::Reading& reading, const Child& child,
                     std::span<const Cell> primary)
    : reading_{reading}, child_{child}, primary_{primary} {
    const Bounds bounds = bounds_of(child, primary);
    verify_ = !bounds.exact;
    cursor_ = reading.cursor(TreeId::relational, bounds.lower, bounds.upper);
}

std::optional<Row> ChildWalk::next() {
    for (;;) {
        if (started_) {
            cursor_->next();
        } else {
            cursor_->seek_first();
            started_ = true;
        }
        if (!cursor_->valid()) return std::nullopt;
        const BoundIndex& index = *child_.index;
        const BoundTable& table = *child_.table;
        Bytes part;
        if (index.definition == nullptr) {
            part = cursor_->key().substr(codec::key_space_bytes);
        } else {
            part = primary_part(index, cursor_->key(), cursor_->value());
        }
        // Not the cursor's own value: the row may have been erased since the walk began, through
        // another path of a cascade.
        const std::optional<Bytes> value =
            reading_.find(TreeId::relational, RowKey{table, part}.bytes(), scratch_);
        if (!value) continue;
        const Row row{table, *value};
        if (!verify_ || refers(row)) return row;
    }
}

bool ChildWalk::refers(const Row& row) const {
    for (std::size_t i = 0; i < primary_.size(); ++i) {
        const Cell cell = row.cell(child_.reference->places[i]);
        if (cell.is_null() || compare(cell, primary_[i]) != 0) return false;
    }
    return true;
}

}  // namespace amphora::relational
