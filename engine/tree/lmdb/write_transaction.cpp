#include "tree/lmdb/write_transaction.hpp"

#include "base/assert.hpp"
#include "tree/lmdb/entry_checksum.hpp"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>

namespace amphora::lmdb {

WriteTransaction::WriteTransaction(Environment& environment, SpaceDigests& digests)
    : environment_{environment}, digests_{digests}, last_touched_{touched_.end()} {
    MDB_txn* begun = nullptr;
    throw_if_failed(mdb_txn_begin(environment_.handle(), nullptr, 0, &begun), "beginning to write",
                    environment_.path());
    transaction_.reset(begun);
    look_for_last_key();
}

void WriteTransaction::look_for_last_key() {
    throw_if_failed(mdb_cursor_open(transaction_.get(), environment_.database(), &cursor_),
                    "opening a cursor", environment_.path());
    MDB_val key{};
    MDB_val value{};
    const int status = mdb_cursor_get(cursor_, &key, &value, MDB_LAST);
    if (status == MDB_NOTFOUND) return;
    throw_if_failed(status, "looking for the last key", environment_.path());
    last_key_ = Buffer(from_mdb(key));
}

void WriteTransaction::write(const tree::Change& change) {
    // After the last key nothing must be searched. Such pages are filled completely instead of
    // being split in halves.
    if (!appending_) appending_ = Bytes(last_key_) < change.key;

    SpaceDigest& digest = digest_of(change.key);
    int found = MDB_NOTFOUND;
    if (!appending_) {
        MDB_val key = to_mdb(change.key);
        MDB_val old{};
        found = mdb_cursor_get(cursor_, &key, &old, MDB_SET);
        if (found != MDB_NOTFOUND) {
            throw_if_failed(found, "looking for an entry to replace", environment_.path());
            digest.remove(change.key, stored_checksum(from_mdb(old)));
        }
    }
    if (change.value) {
        const std::uint32_t checksum = entry_checksum(change.key, *change.value);
        digest.add(change.key, checksum);
        put(change.key, *change.value, checksum, appending_ ? MDB_APPEND : 0u);
    } else if (found == MDB_SUCCESS) {
        throw_if_failed(mdb_cursor_del(cursor_, 0), "removing an entry", environment_.path());
    }
}

void WriteTransaction::put(Bytes key, Bytes value, std::uint32_t checksum, unsigned flags) {
    MDB_val at = to_mdb(key);
    MDB_val room{.mv_size = value.size() + entry_checksum_bytes, .mv_data = nullptr};
    throw_if_failed(mdb_cursor_put(cursor_, &at, &room, flags | MDB_RESERVE), "writing an entry",
                    environment_.path());
    auto* bytes = static_cast<char*>(room.mv_data);
    if (!value.empty()) std::memcpy(bytes, value.data(), value.size());
    std::memcpy(bytes + value.size(), &checksum, entry_checksum_bytes);
}

void WriteTransaction::write_own(Bytes key, Bytes value) {
    put(key, value, entry_checksum(key, value), 0);
}

void WriteTransaction::write_digests() {
    for (const auto& [space, digest] : touched_) {
        const Buffer key = digest_key(space);
        if (digest.entries != 0) {
            write_own(key, encode(digest));
            continue;
        }
        MDB_val at = to_mdb(key);
        const int status = mdb_del(transaction_.get(), environment_.database(), &at, nullptr);
        if (status != MDB_NOTFOUND) {
            throw_if_failed(status, "removing an entry", environment_.path());
        }
    }
}

SpaceDigest& WriteTransaction::digest_of(Bytes key) {
    const std::uint32_t space = space_of(key);
    if (last_touched_ == touched_.end() || last_touched_->first != space) {
        const auto known = digests_.find(space);
        last_touched_ =
            touched_.try_emplace(space, known == digests_.end() ? SpaceDigest{} : known->second)
                .first;
    }
    return last_touched_->second;
}

/// LMDB reports a write that a full disk has cut short as EIO.
int WriteTransaction::told_from_full_disk(int status) const {
    struct statvfs space {};
    constexpr std::uint64_t nothing_left = 1u << 20;
    if (status == EIO && ::fstatvfs(environment_.descriptor(), &space) == 0 &&
        std::uint64_t{space.f_bavail} * space.f_frsize < nothing_left) {
        return ENOSPC;
    }
    return status;
}

void WriteTransaction::commit() {
    // Merging the digests allocates, so it is prepared before the commit and finished by a swap.
    SpaceDigests merged = digests_;
    for (const auto& [space, digest] : touched_) {
        if (digest.entries != 0) {
            merged[space] = digest;
        } else {
            merged.erase(space);
        }
    }
    const int status = mdb_txn_commit(transaction_.release());
    throw_if_failed(told_from_full_disk(status), "committing", environment_.path());
    digests_.swap(merged);
}

}  // namespace amphora::lmdb
