#include "transaction/merged_cursor.hpp"

#include "transaction/readers.hpp"

#include <utility>

namespace amphora::transaction {

MergedCursor::MergedCursor(TreeId tree, std::shared_ptr<const TreesView> view, Sequence sequence,
                           std::shared_ptr<const WriteSet> writes, Range range,
                           std::int64_t expires_ms)
    : id_{tree},
      view_{std::move(view)},
      sequence_{sequence},
      writes_{std::move(writes)},
      stamp_{writes_ ? writes_->stamp() : 0},
      lower_{range.lower},
      upper_{range.upper},
      expires_ms_{expires_ms},
      tree_{view_->view(tree).cursor(lower_, upper_)} {
    if (writes_ && !writes_->list(tree).empty()) {
        layers_.emplace_back(writes_->list(tree), stamp_);
    }
    for (const outbox::PendingTable* const table : view_->tables(tree)) {
        if (table->begin() < sequence && !table->list().empty()) {
            layers_.emplace_back(table->list(), number(sequence));
        }
    }
    narrow_layers();
}

void MergedCursor::narrow_to(Bytes lower, Bytes upper) {
    lower_.assign(lower);
    upper_.assign(upper);
    narrow_layers();
    tree_->narrow_to(lower_, upper_);
    valid_ = false;
}

void MergedCursor::narrow_layers() {
    for (outbox::SkipCursor& layer : layers_) layer.narrow_to(lower_, upper_);
}

std::optional<Bytes> MergedCursor::find(Bytes key) {
    require_alive();
    if (writes_) {
        if (const Version* const version = writes_->list(id_).find(key, stamp_)) {
            if (version->is_removal()) return std::nullopt;
            return version->value();
        }
    }
    return view_->find(id_, key, sequence_, scratch_);
}

void MergedCursor::require_alive() const {
    if (expires_ms_ != 0) Readers::require_before(expires_ms_);
}

void MergedCursor::seek_layers(Bytes key) {
    for (outbox::SkipCursor& layer : layers_) layer.seek(key);
    tree_->seek(key);
    direction_ = Direction::forward;
}

void MergedCursor::seek_first() {
    seek(lower_);
}

void MergedCursor::seek(Bytes key) {
    require_alive();
    seek_layers(key < lower_ ? Bytes{lower_} : key);
    settle_forward();
}

void MergedCursor::seek_last() {
    if (!upper_.empty()) {
        seek_before(upper_);
        return;
    }
    require_alive();
    for (outbox::SkipCursor& layer : layers_) layer.seek_last();
    tree_->seek_before({});
    direction_ = Direction::backward;
    settle_backward();
}

void MergedCursor::seek_before(Bytes key) {
    require_alive();
    if (key.empty()) {  // a tree would read it as the end
        valid_ = false;
        return;
    }
    const Bytes bound = !upper_.empty() && key > upper_ ? Bytes{upper_} : key;
    for (outbox::SkipCursor& layer : layers_) layer.seek_before(bound);
    tree_->seek_before(bound);
    direction_ = Direction::backward;
    settle_backward();
}

void MergedCursor::next() {
    require_alive();
    if (!valid_) return;
    if (direction_ == Direction::backward) {
        const Buffer key{
            key_};  // a copy: the key may be in memory of the tree's cursor, which moves
        seek_layers(key);
        settle_forward();  // finds the same key again, because nothing below it has changed
    }
    pass_forward();
    settle_forward();
}

void MergedCursor::previous() {
    require_alive();
    if (!valid_) return;
    if (direction_ == Direction::forward) {
        const Buffer key{key_};
        for (outbox::SkipCursor& layer : layers_) layer.seek_before(key);
        tree_->seek_before(key);
        direction_ = Direction::backward;
    } else {
        pass_backward();
    }
    settle_backward();
}

// The tree moves last, because the key may be in its cursor's memory.
void MergedCursor::pass_forward() {
    for (outbox::SkipCursor& layer : layers_) {
        if (layer.version() != nullptr && layer.version()->key() == key_) layer.next();
    }
    if (tree_at_key_) tree_->next();
}

void MergedCursor::pass_backward() {
    for (outbox::SkipCursor& layer : layers_) {
        if (layer.version() != nullptr && layer.version()->key() == key_) layer.previous();
    }
    if (tree_at_key_) tree_->previous();
}

// Of equal keys the one of the uppermost layer.
template <MergedCursor::Direction direction>
void MergedCursor::select() {
    const auto compare = [](Bytes left, Bytes right) {
        return direction == Direction::forward ? left.compare(right) : right.compare(left);
    };
    version_ = nullptr;
    for (const outbox::SkipCursor& layer : layers_) {
        if (const Version* const version = layer.version();
            version != nullptr &&
            (version_ == nullptr || compare(version->key(), version_->key()) < 0)) {
            version_ = version;
        }
    }
    tree_at_key_ = tree_->valid();
    valid_ = version_ != nullptr || tree_at_key_;
    if (version_ != nullptr) key_ = version_->key();
    if (!tree_at_key_) return;
    const Bytes below = tree_->key();
    const int difference = version_ != nullptr ? compare(key_, below) : 1;
    tree_at_key_ = difference >= 0;
    if (difference > 0) {
        version_ = nullptr;
        key_ = below;
    }
}

void MergedCursor::settle_forward() {
    for (;;) {
        select<Direction::forward>();
        if (valid_ && !upper_.empty() && key_ >= upper_) valid_ = false;
        if (!valid_ || version_ == nullptr || !version_->is_removal()) return;
        pass_forward();
    }
}

void MergedCursor::settle_backward() {
    for (;;) {
        select<Direction::backward>();
        if (valid_ && key_ < lower_) valid_ = false;
        if (!valid_ || version_ == nullptr || !version_->is_removal()) return;
        pass_backward();
    }
}

}  // namespace amphora::transaction
