#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "journal/commit_tags.hpp"
#include "outbox/context.hpp"

#include <cstdint>
#include <memory>
#include <optional>

/// Reading both trees as of one commit and, inside a write transaction, with its own writes:
///
///   write set (this transaction)  over  pending (sequence <= S)  over  tree view
///
/// The stores use the transaction floor through this interface.
namespace amphora::transaction {

/// A position in the keys [lower, upper) of one tree, which moves both ways. Sees the write set as
/// of the moment when the cursor was made, so an update never finds its own rows again. Keeps alive
/// what it reads. Used by one thread at a time.
class Cursor {
  public:
    virtual ~Cursor() = default;
    /// Restricts the cursor to the keys [lower, upper), a part of its present ones. It has no
    /// position until the next `seek…`. Cheaper than another cursor, and sees the write set as of
    /// the same moment.
    virtual void narrow_to(Bytes lower, Bytes upper) = 0;
    /// The value of any key, as of the moment of the cursor. The position does not change. Valid
    /// until the next `find` or move.
    [[nodiscard]] virtual std::optional<Bytes> find(Bytes key) = 0;
    virtual void seek_first() = 0;
    virtual void seek_last() = 0;
    virtual void seek(Bytes key) = 0;         ///< first key at or after `key`
    virtual void seek_before(Bytes key) = 0;  ///< last key strictly before `key`
    virtual void next() = 0;
    virtual void previous() = 0;
    [[nodiscard]] virtual bool valid() const = 0;
    /// Both stay valid until the cursor moves.
    [[nodiscard]] virtual Bytes key() const = 0;
    [[nodiscard]] virtual Bytes value() const = 0;
};

/// What a snapshot and a write transaction have in common.
class Reading {
  public:
    virtual ~Reading() = default;
    /// The value of `key`: in memory that is valid while this Reading lives (in a transaction,
    /// until the key is written again), or in `scratch`. Throws `corrupt`, `snapshot_expired`.
    [[nodiscard]] virtual std::optional<Bytes> find(TreeId tree, Bytes key,
                                                    Buffer& scratch) const = 0;
    /// A cursor over [lower, upper); an empty `upper` means no bound.
    [[nodiscard]] virtual std::unique_ptr<Cursor> cursor(TreeId tree, Bytes lower,
                                                         Bytes upper) const = 0;
    /// The last commit that this reading sees.
    [[nodiscard]] virtual Commit commit_seen() const = 0;
    /// Whether its own writes can change what it shows: true for a write transaction.
    [[nodiscard]] virtual bool may_change() const noexcept = 0;
};

/// What the caller has found under the key that it writes, if the commit record is to keep the
/// state before the transaction; none: it keeps none. Counts in `commit_bytes_max`. Valid until the
/// call returns.
using KeptState = std::optional<Bytes>;

/// A write transaction, as the stores see it. `Engine::begin` makes it, `Engine::commit` ends it.
class Writing : public Reading {
  public:
    /// Throws, with nothing changed, `value_too_large`, `transaction_too_large`, and what the
    /// outbox refuses at the moment: `outbox_full`, `disk_full`, `documents_stalled` (a put into
    /// documents while their backlog is full).
    virtual void put(TreeId tree, Bytes key, Bytes value) = 0;
    /// As `put`, for a key that the caller has found: the commit record then says that a row or
    /// document was changed, and not inserted. Readers see no difference.
    virtual void put_over(TreeId tree, Bytes key, Bytes value, KeptState kept) = 0;
    virtual void erase(TreeId tree, Bytes key, KeptState kept = {}) = 0;
    /// Adds an event to the commit record. This floor does not read it. `tags`: of its topic.
    virtual void publish(Bytes event, journal::CommitTags tags) = 0;

    /// The context of the writes and events that follow, until the next call; empty at the
    /// beginning. A rollback does not change it. Throws `transaction_too_large`, because the texts
    /// count in `commit_bytes_max`.
    virtual void set_context(const outbox::Context& context) = 0;

    /// A position in the write set to which `rollback_to` returns. Returning to an earlier
    /// savepoint ends the later ones; callers must not use them any more (database/savepoints.hpp
    /// makes sure).
    enum class Savepoint : std::uint64_t {};
    [[nodiscard]] virtual Savepoint savepoint() = 0;
    virtual void rollback_to(Savepoint savepoint) noexcept = 0;

    /// The moment at which this transaction began, µs since 1970: the value of NOW().
    [[nodiscard]] virtual std::int64_t now_us() const noexcept = 0;
};

/// Runs one statement, and returns what `body` returns. If it throws, its writes are undone.
template <class Body>
auto atomically(Writing& writing, Body body) {
    const Writing::Savepoint start = writing.savepoint();
    try {
        return body();
    } catch (...) {
        writing.rollback_to(start);
        throw;
    }
}

}  // namespace amphora::transaction
