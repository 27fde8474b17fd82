#include "relational/row/index_entry.hpp"

#include "codec/key/ordered_key.hpp"
#include "codec/key/reader.hpp"

namespace amphora::relational {

void IndexEntry::begin(const BoundIndex& index) {
    writer_.restart(index.space);
    unique_ = index.unique;
    has_null_ = false;
    limited_ = false;
    value_.clear();
}

void IndexEntry::add(const Cell& cell) {
    has_null_ = has_null_ || cell.is_null();
    writer_.cell(cell);
}

void IndexEntry::finish(Bytes primary_part) {
    meeting_ = unique_ && !has_null_ ? Meeting::at_key : Meeting::never;
    if (writer_.size() > index_columns_bytes_max - codec::key_hash_bytes) [[unlikely]] {
        key_.assign(writer_.bytes());
        limited_ = codec::limit_key(key_, index_columns_bytes_max);
    }
    columns_bytes_ = key().size();
    if (limited_) {
        key_.append(primary_part);
        value_.push_back('\x01');
        value_.append(primary_part);
        if (meeting_ == Meeting::at_key) meeting_ = Meeting::in_rows;
        return;
    }
    if (meeting_ == Meeting::never) writer_.raw(primary_part);
    if (unique_) value_.assign(primary_part);
}

Bytes primary_part(const BoundIndex& index, Bytes key, Bytes value) {
    if (is_limited_entry(value)) return value.substr(1);
    if (!value.empty()) return value;
    codec::KeyReader reader{key};
    reader.skip(index.columns.size());
    return reader.rest();
}

}  // namespace amphora::relational
