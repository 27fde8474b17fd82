#pragma once

#include "tree/lmdb/environment.hpp"
#include "tree/lmdb/space_digest.hpp"
#include "tree/tree.hpp"

#include <cstdint>
#include <memory>

/// One LMDB write transaction: a sorted batch of changes and the tree's own records, all or
/// nothing. One thread begins, fills and commits it (a commit on another thread blocks every later
/// writer for ever). The destructor undoes it unless it was committed.
namespace amphora::lmdb {

class WriteTransaction {
  public:
    /// `digests` are those of the tree's spaces; only `commit` changes them.
    WriteTransaction(Environment& environment, SpaceDigests& digests);
    WriteTransaction(const WriteTransaction&) = delete;
    WriteTransaction& operator=(const WriteTransaction&) = delete;

    /// LMDB's number of this commit.
    [[nodiscard]] std::uint64_t number() const noexcept { return mdb_txn_id(transaction_.get()); }

    /// In ascending order of keys.
    void write(const tree::Change& change);
    /// Writes the digests of the changed spaces. Called once, after the last change.
    void write_digests();
    void write_own(Bytes key, Bytes value);
    /// Returns when everything is on stable storage.
    void commit();

  private:
    struct Abort {
        void operator()(MDB_txn* transaction) const noexcept { mdb_txn_abort(transaction); }
    };

    void look_for_last_key();
    void put(Bytes key, Bytes value, std::uint32_t checksum, unsigned flags);
    [[nodiscard]] SpaceDigest& digest_of(Bytes key);
    [[nodiscard]] int told_from_full_disk(int status) const;

    Environment& environment_;
    SpaceDigests& digests_;
    SpaceDigests touched_;
    SpaceDigests::iterator last_touched_;
    /// Holds LMDB's write lock, so it is aborted if filling it ends early.
    std::unique_ptr<MDB_txn, Abort> transaction_;
    MDB_cursor* cursor_ = nullptr;
    Buffer last_key_;  ///< of the tree; later keys are appended
    bool appending_ = false;
};

}  // namespace amphora::lmdb
