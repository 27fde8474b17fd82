#include "relational/scan/walk.hpp"

#include "base/assert.hpp"
#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "relational/row/index_entry.hpp"

#include <algorithm>

namespace amphora::relational {

Walk::Walk(const transaction::Reading& reading, const BoundTable& table, Plan plan,
           Direction direction, std::size_t limit)
    : reading_{reading},
      table_{table},
      plan_{std::move(plan)},
      direction_{direction},
      in_transaction_{reading.may_change()},
      left_{limit} {
    if (plan_.ranges.empty()) return;
    // One cursor for all ranges, so that they are read as of one moment.
    cursor_ =
        reading.cursor(TreeId::relational, plan_.ranges.front().lower, plan_.ranges.back().upper);
}

bool Walk::next() {
    while (left_ > 0 && advance()) {
        if (!fulfils(*row_)) continue;
        --left_;
        return true;
    }
    left_ = 0;
    row_.reset();
    return false;
}

Row Walk::row() const {
    AMPHORA_ASSERT(row_.has_value());
    return *row_;
}

bool Walk::advance() {
    if (run_.empty()) {
        if (!step()) return false;
        if (!is_limited_here()) [[likely]] {
            row_.emplace(row_here());
            return true;
        }
        read_run();
    }
    given_from_run_ = std::move(run_.back().row);
    run_.pop_back();
    row_.emplace(table_, given_from_run_);
    return true;
}

// Moves to the next entry in a range.
bool Walk::step() {
    if (ranges_done_ == plan_.ranges.size()) return false;
    switch (standing_) {
        case Standing::before_all:
            enter_range();
            break;
        case Standing::given:
            move();
            break;
        case Standing::not_given:
            break;
    }
    standing_ = Standing::given;
    for (;;) {
        if (cursor_->valid() && cursor_->key() >= Bytes{range().lower} &&
            cursor_->key() < Bytes{range().upper}) {
            return true;
        }
        if (++ranges_done_ == plan_.ranges.size()) return false;
        enter_range();
    }
}

void Walk::move() {
    if (!cursor_->valid()) return;
    if (direction_ == Direction::forward) {
        cursor_->next();
    } else {
        cursor_->previous();
    }
}

void Walk::enter_range() {
    if (plan_.ranges.size() > 1) cursor_->narrow_to(range().lower, range().upper);
    if (direction_ == Direction::forward) {
        cursor_->seek(range().lower);
    } else {
        cursor_->seek_before(range().upper);
    }
}

const Plan::Range& Walk::range() const noexcept {
    return direction_ == Direction::forward ? plan_.ranges[ranges_done_]
                                            : plan_.ranges[plan_.ranges.size() - 1 - ranges_done_];
}

bool Walk::is_limited_here() const {
    return is_secondary() ? is_limited_entry(cursor_->value())
                          : catalog::is_limited_row_key(cursor_->key());
}

// The cursor is at the first entry with one prefix; afterwards it is after the last of them.
void Walk::read_run() {
    const std::size_t bytes_max = is_secondary()
                                      ? index_columns_bytes_max
                                      : codec::key_space_bytes + catalog::primary_key_bytes_max;
    const Buffer prefix{cursor_->key().substr(0, bytes_max - codec::key_hash_bytes)};
    for (; cursor_->valid() && cursor_->key().starts_with(prefix); move()) {
        const Row row = row_here();
        codec::KeyWriter whole{SpaceId{}};
        for (const std::uint32_t place : plan_.index->columns) whole.cell(row.cell(place));
        for (const std::uint32_t place : table_.primary().columns) whole.cell(row.cell(place));
        run_.push_back({whole.take(), Buffer{row.bytes()}});
    }
    standing_ = Standing::not_given;
    std::sort(run_.begin(), run_.end(), [this](const RunRow& left, const RunRow& right) {
        return direction_ == Direction::forward ? left.whole_key > right.whole_key
                                                : left.whole_key < right.whole_key;
    });
}

Row Walk::row_here() {
    if (!is_secondary()) return Row{table_, cursor_->value()};
    const Bytes part = primary_part(*plan_.index, cursor_->key(), cursor_->value());
    // A transaction may change or erase a row while it walks. The index is read as of the start of
    // the walk, so the rows must be, too; only a cursor reads that state.
    if (!in_transaction_) return require_row(reading_, table_, *plan_.index, part, scratch_);
    const RowKey key{table_, part};
    const std::optional<Bytes> found = cursor_->find(key.bytes());
    if (!found) refuse_missing_row(table_, *plan_.index, key);
    return Row{table_, *found};
}

bool Walk::fulfils(const Row& row) const {
    return std::all_of(plan_.in_rows.begin(), plan_.in_rows.end(),
                       [&](const Filter* filter) { return filter->holds(row); });
}

}  // namespace amphora::relational
