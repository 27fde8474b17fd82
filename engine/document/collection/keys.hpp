#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "codec/bson/key.hpp"
#include "codec/bson/order.hpp"
#include "codec/key/ordered_key.hpp"
#include "document/collection/collections.hpp"

#include <amphora/document.hpp>

#include <optional>

/// Keys of the document tree. collections.hpp lists them.
namespace amphora::document {

/// Whether a part of a key is stored without being limited.
[[nodiscard]] inline bool fits(Bytes part) noexcept {
    return !codec::is_limited(part, part_bytes_max);
}

/// The key as it is stored, limited if necessary; valid until `whole` or `scratch` changes.
[[nodiscard]] inline Bytes limited(const codec::KeyWriter& whole, Buffer& scratch) {
    if (fits(whole.bytes())) return whole.bytes();
    scratch.assign(whole.bytes());
    codec::limit_key(scratch, part_bytes_max);
    return scratch;
}

/// A key without its space: the form of a document's key in index entries.
[[nodiscard]] inline Bytes without_space(Bytes key) {
    return key.substr(codec::key_space_bytes);
}

/// The key of the document with that _id; in `scratch` if it is long.
class DocumentKey {
  public:
    DocumentKey(SpaceId collection, BsonView id) : whole_{collection} {
        codec::append_key(whole_, id);
        bytes_ = limited(whole_, scratch_);
    }
    DocumentKey(const DocumentKey&) = delete;
    DocumentKey& operator=(const DocumentKey&) = delete;

    [[nodiscard]] Bytes bytes() const noexcept { return bytes_; }
    /// The document's key in index entries.
    [[nodiscard]] Bytes suffix() const { return without_space(bytes_); }

  private:
    codec::KeyWriter whole_;
    Buffer scratch_;
    Bytes bytes_;
};

/// Whether `document`, found under `key`, is the one with that _id. The bytes of a limited key are
/// not enough to tell.
[[nodiscard]] inline bool is_id_of(BsonView id, Bytes key, DocumentView document) {
    if (fits(key)) return true;
    const std::optional<BsonView> stored = document.field("_id");
    return stored && codec::compare(*stored, id) == 0;
}

/// The _id of the document under a stored key, for documents of which only the key is left. It
/// compares equal to the document's own _id, which may have another type of number (see
/// `codec::read_value`). None if the key is limited: only the document tells it. Throws `corrupt`
/// for bytes that are no key of a document.
[[nodiscard]] std::optional<BsonValue> id_of_key(Bytes key);

/// All keys of a space are in [lower, upper).
struct SpaceBounds {
    explicit SpaceBounds(SpaceId space)
        : lower{codec::KeyWriter{space}.take()}, upper{codec::prefix_end(lower)} {}
    Buffer lower, upper;
};

}  // namespace amphora::document
