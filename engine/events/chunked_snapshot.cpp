#include "events/chunked_snapshot.hpp"

#include "base/assert.hpp"
#include "base/clock.hpp"
#include "codec/bytes_io.hpp"
#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"

#include <algorithm>
#include <utility>

namespace amphora::events {

namespace {

/// A chunk is read within some milliseconds, and costs one durable snapshot.
constexpr std::size_t chunk_keys = 1000;

constexpr std::size_t space_bytes = sizeof(std::uint32_t);

Buffer beginning_of(SpaceId space) {
    return Buffer{codec::KeyWriter{space}.bytes()};
}

}  // namespace

ChunkedSnapshot::ChunkedSnapshot(const Sources& sources, std::vector<SpaceId> spaces,
                                 TakeSnapshot take, const std::optional<SnapshotPlace>& place)
    : sources_{sources}, spaces_{std::move(spaces)}, take_{std::move(take)}, is_again_{false} {
    enter(0);
    if (!place) return;
    // A table that is not read any more leaves its place to the next one.
    const SpaceId space = sources.space_of(place->name).value_or(spaces_.front());
    at_ = static_cast<std::size_t>(std::ranges::lower_bound(spaces_, space) - spaces_.begin());
    if (at_ == spaces_.size()) return;
    enter(at_);
    if (spaces_[at_] == space) last_ += place->key;
}

ChunkedSnapshot::ChunkedSnapshot(const Sources& sources, SpaceId space, TakeSnapshot take,
                                 Bytes key)
    : sources_{sources}, spaces_{space}, take_{std::move(take)}, is_again_{true} {
    enter(0);
    last_ += key;
}

void ChunkedSnapshot::enter(std::size_t space) {
    at_ = space;
    cursor_.reset();
    if (at_ < spaces_.size()) last_ = beginning_of(spaces_[at_]);
}

Sequence ChunkedSnapshot::begin_chunk() {
    snapshot_ = take_();
    left_ = chunk_keys;
    change_.kind = ChangeKind::read;
    change_.commit = snapshot_->commit_seen();
    change_.time_us = now_us();
    return change_.commit.sequence;
}

void ChunkedSnapshot::abandon_chunk() noexcept {
    cursor_.reset();
    snapshot_.reset();
}

Sources::Source ChunkedSnapshot::source_at(std::size_t space) const noexcept {
    const Sources::Source* const source = sources_.find(spaces_[space]);
    AMPHORA_ASSERT(source != nullptr);
    return *source;
}

void ChunkedSnapshot::open_space() {
    const Sources::Source source = source_at(at_);
    change_.table = source.table;
    change_.collection = source.collection;
    change_.name = source.name;
    change_.is_system = source.is_system;
    const Buffer first = beginning_of(spaces_[at_]);
    cursor_ = snapshot_->cursor(source.table != nullptr ? TreeId::relational : TreeId::documents,
                                first, codec::prefix_end(first));
    cursor_->seek(last_);
    if (cursor_->valid() && cursor_->key() == last_) cursor_->next();
}

const CommitChange* ChunkedSnapshot::next() {
    AMPHORA_ASSERT(snapshot_ != nullptr);
    if (cursor_ && left_ > 0) cursor_->next();
    while (left_ > 0 && !is_done()) {
        if (!cursor_) open_space();
        if (!cursor_->valid()) {
            enter(at_ + 1);
            continue;
        }
        --left_;
        last_ = cursor_->key();
        change_.key = last_;
        change_.after = cursor_->value();
        return &change_;
    }
    abandon_chunk();
    return nullptr;
}

bool ChunkedSnapshot::feeds(Bytes key) const noexcept {
    if (is_again_ || is_done() || key <= last_) return true;
    const SpaceId space{codec::load_big32(key.data())};
    return !std::ranges::binary_search(spaces_, space);
}

SnapshotPlace ChunkedSnapshot::place() const {
    const Sources::Source source = source_at(std::min(at_, spaces_.size() - 1));
    return {std::string{source.name}, Buffer{Bytes{last_}.substr(space_bytes)}, is_again_};
}

}  // namespace amphora::events
