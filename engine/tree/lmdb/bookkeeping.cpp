#include "tree/lmdb/bookkeeping.hpp"

#include "tree/lmdb/entry_checksum.hpp"
#include "tree/lmdb/status.hpp"
#include "tree/mark_record.hpp"

#include <memory>

namespace amphora::lmdb {

std::optional<Buffer> find_mark_record(const Reading& reading) {
    const auto stored = reading.find_stored(tree::mark_key);
    if (!stored) return std::nullopt;
    return Buffer(verified(tree::mark_key, *stored, reading.environment().path()));
}

SpaceDigests read_digests(const Reading& reading) {
    const Environment& environment = reading.environment();
    MDB_cursor* cursor = nullptr;
    throw_if_failed(mdb_cursor_open(reading.handle(), environment.database(), &cursor),
                    "opening a cursor", environment.path());
    const std::unique_ptr<MDB_cursor, decltype(&mdb_cursor_close)> closed(cursor, mdb_cursor_close);
    SpaceDigests digests;
    MDB_val key = to_mdb(digest_key_prefix);
    MDB_val value{};
    int status = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    for (; status == MDB_SUCCESS && from_mdb(key).starts_with(digest_key_prefix);
         status = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        const Bytes bytes = verified(from_mdb(key), from_mdb(value), environment.path());
        digests[space_of(from_mdb(key).substr(digest_key_prefix.size()))] =
            decode_space_digest(bytes);
    }
    if (status != MDB_NOTFOUND) {
        throw_if_failed(status, "reading its own records", environment.path());
    }
    return digests;
}

}  // namespace amphora::lmdb
