#include "events/snapshot_reader.hpp"

#include "base/clock.hpp"
#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"

#include <utility>

namespace amphora::events {

SnapshotReader::SnapshotReader(const Sources& sources,
                               std::shared_ptr<const transaction::Reading> snapshot,
                               std::vector<SpaceId> spaces)
    : sources_{sources}, snapshot_{std::move(snapshot)}, spaces_{std::move(spaces)} {
    change_.kind = ChangeKind::read;
    change_.commit = snapshot_->commit_seen();
    change_.time_us = now_us();
}

void SnapshotReader::open_space() {
    const SpaceId space = spaces_[at_];
    const Sources::Source& source = *sources_.find(space);
    change_.table = source.table;
    change_.collection = source.collection;
    change_.name = source.name;
    change_.is_system = source.is_system;
    const codec::KeyWriter first{space};
    cursor_ = snapshot_->cursor(source.table != nullptr ? TreeId::relational : TreeId::documents,
                                first.bytes(), codec::prefix_end(first.bytes()));
    cursor_->seek_first();
}

const CommitChange* SnapshotReader::next() {
    if (cursor_) cursor_->next();
    for (; at_ < spaces_.size(); ++at_) {
        if (!cursor_) open_space();
        if (cursor_->valid()) {
            change_.key = cursor_->key();
            change_.after = cursor_->value();
            return &change_;
        }
        cursor_.reset();
    }
    return nullptr;
}

}  // namespace amphora::events
