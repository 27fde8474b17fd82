#include "transaction/snapshot.hpp"

#include "transaction/merged_cursor.hpp"

namespace amphora::transaction {

std::optional<Bytes> Snapshot::find(TreeId tree, Bytes key, Buffer& scratch) const {
    entry_.note_read();
    if (expires_ms_ != 0) Readers::require_before(expires_ms_);
    return view_->find(tree, key, commit_.sequence, scratch);
}

std::unique_ptr<Cursor> Snapshot::cursor(TreeId tree, Bytes lower, Bytes upper) const {
    entry_.note_read();
    if (expires_ms_ != 0) Readers::require_before(expires_ms_);
    return std::make_unique<MergedCursor>(tree, view_, commit_.sequence, nullptr,
                                          MergedCursor::Range{lower, upper}, expires_ms_);
}

}  // namespace amphora::transaction
