#pragma once

#include "base/bytes.hpp"
#include "base/file_copy.hpp"
#include "base/ids.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

/// A tree: an ordered map of bytes to bytes that one relay writes and many readers read.
///
/// Invariant: contents == the fold of all commits up to `delivered()`, and each `apply` writes its
/// changes and its mark in one atomic write. A crash leaves a prefix of the applies.
namespace amphora::tree {

/// How a tree's directory is opened. `create`: the tree must be missing, half made or still empty
/// (sequence 0), so that an interrupted creation can start again; anything else is `foreign_piece`.
/// `read_only`: nobody writes the tree meanwhile. `live`: another process may write it.
enum class OpenMode : std::uint8_t { create, read_write, read_only, live };

[[nodiscard]] constexpr bool writes(OpenMode mode) noexcept {
    return mode == OpenMode::create || mode == OpenMode::read_write;
}

/// One change: a new value, or the removal of a key.
struct Change {
    Bytes key;
    std::optional<Bytes> value;  ///< none: the key is removed; removing an absent key is no error
};

/// A position in a view, moving both ways. Used by one thread at a time. Keys of `space_tree` are
/// never shown. After a move that finds nothing, `valid()` is false until the next `seek…`.
class Cursor {
  public:
    virtual ~Cursor() = default;
    /// Restricts the cursor to the keys [lower, upper), a part of the range for which it was made.
    /// It has no position until the next `seek…`, and may end at the bounds.
    virtual void narrow_to(Bytes lower, Bytes upper) = 0;
    /// Moves to the first key at or after `key`.
    virtual void seek(Bytes key) = 0;
    /// Moves to the last key strictly before `key`; an empty `key` means the end of the tree.
    virtual void seek_before(Bytes key) = 0;
    virtual void next() = 0;
    virtual void previous() = 0;
    [[nodiscard]] virtual bool valid() const = 0;
    /// Both stay valid until the cursor moves.
    [[nodiscard]] virtual Bytes key() const = 0;
    [[nodiscard]] virtual Bytes value() const = 0;
};

/// The tree as of one delivery, as long as the view is held. Shared by threads; `find` may run in
/// several at once, each cursor in one at a time.
class ReadView {
  public:
    virtual ~ReadView() = default;
    /// The mark of exactly this view, from memory.
    [[nodiscard]] virtual Mark mark() const = 0;
    /// LMDB's number of the transaction that wrote it; 0 in a tree without such numbers. As long as
    /// a view is held, no page of it or of a view with a larger number is reused.
    [[nodiscard]] virtual std::uint64_t version() const { return 0; }
    /// The value of `key`: in memory of the view, or in `scratch`. Throws `corrupt` if its checksum
    /// does not match.
    [[nodiscard]] virtual std::optional<Bytes> find(Bytes key, Buffer& scratch) const = 0;
    /// A cursor over [lower, upper), which may end there; an empty bound is none. Without bounds, a
    /// tree that keeps newer versions next to older ones would step over every version that the
    /// view does not show, to find one that it does.
    [[nodiscard]] virtual std::unique_ptr<Cursor> cursor(Bytes lower, Bytes upper) const = 0;
    [[nodiscard]] std::unique_ptr<Cursor> cursor() const { return cursor({}, {}); }
};

struct TreeStatistics {
    std::uint64_t bytes_on_disk = 0;  ///< file sizes
    std::uint64_t bytes_free = 0;     ///< inside the files, reusable
    std::uint64_t bytes_memory = 0;   ///< memtables, caches
    std::uint64_t map_bytes_max = 0;  ///< LMDB's map; 0 if there is none
    std::uint64_t entries = 0;        ///< an estimate in the document tree
    std::uint64_t readers = 0;        ///< views alive
    std::uint64_t oldest_reader_ms = 0;
    std::string health;  ///< "ok", or what is wrong, in words
};

class Tree {
  public:
    virtual ~Tree() = default;

    /// Throws `disk_full` only if no view is possible; a pool makes that rare.
    [[nodiscard]] virtual std::shared_ptr<const ReadView> view() = 0;

    /// Writes the changes (sorted by key, each key once) and `mark` in one atomic write. When it
    /// returns, a new view shows them. Called by one thread only, always the same one. Throws
    /// `disk_full` or `io_error` with nothing changed; the caller tries again later.
    virtual void apply(std::span<const Change> changes, const Mark& mark) = 0;

    /// The mark that a new view would show; Sequence 0 in a new tree.
    [[nodiscard]] virtual Mark delivered() const = 0;
    /// The mark as it would survive a power cut. Never later than `delivered()`.
    [[nodiscard]] virtual Mark held() const = 0;
    /// Asks the tree to make `held()` equal to `delivered()`; returns when it is. Called by the
    /// thread that calls `apply`.
    virtual void hold() = 0;

    /// Throws `value_too_large` for a key or value beyond the tree's limits, before the change
    /// enters a transaction. A later `apply` would refuse it.
    virtual void require_acceptable(Bytes key, std::size_t value_bytes) const = 0;

    /// Changes that are to be delivered.
    struct Load {
        std::uint64_t bytes = 0;  ///< of keys and values
        std::uint64_t keys = 0;
    };
    /// Disk space in addition to what the files already have.
    struct DiskNeed {
        std::uint64_t bytes = 0;             ///< that delivering needs at most
        std::uint64_t compaction_bytes = 0;  ///< that rewriting files needs for a time
        std::uint64_t reserve_bytes = 0;     ///< that the reserve for removals lacks
        std::uint64_t hold_bytes = 0;  ///< the part of `bytes` that `hold` would make needless

        std::uint64_t free_bytes = 0;  ///< of the file system, now
        std::uint64_t own_bytes = 0;   ///< of the reserve, which removals may use in addition

        std::uint64_t map_bytes = 0;       ///< of address space, reserve included; 0: has no map
        std::uint64_t map_free_bytes = 0;  ///< of the map, now

        /// Puts must leave all of it free; removals need only `bytes`.
        [[nodiscard]] std::uint64_t of_puts() const noexcept {
            return bytes + compaction_bytes + reserve_bytes;
        }
    };
    [[nodiscard]] virtual DiskNeed disk_need(Load load) const = 0;

    /// Whether there is room for `load` in the map and on the disk, of which `others_bytes` are for
    /// others. Removals may also use the reserve and the room for others.
    enum class Room : std::uint8_t { enough, removals_only, none };
    [[nodiscard]] virtual Room room_for(Load load, std::uint64_t others_bytes) const = 0;

    /// On a full disk, when there is nothing to deliver: gives back the space of removed entries,
    /// as far as the free space allows. Called by the thread that calls `apply`.
    virtual void reclaim() noexcept = 0;

    [[nodiscard]] virtual TreeStatistics statistics() const = 0;

    /// Gives unused space in the files back to the operating system, as far as the tree can do it
    /// while it is open (RocksDB: a full compaction; LMDB: nothing).
    virtual void compact() = 0;

    /// Makes `directory` and in it a tree with the contents as of one moment, synced. Its mark is
    /// not before the one that `held()` returned when the call began. Table files that never change
    /// are linked if the file system allows it. Readers and deliveries continue meanwhile. Any
    /// thread, one copy at a time. Throws `disk_full`, `io_error` and what `copied` throws; then
    /// the copy is useless, and this tree is unchanged.
    virtual void copy_to(const std::string& directory, const Copied& copied) = 0;

    /// Checks the whole tree, its checksums and its structure; calls `report` for each finding.
    class Findings {
      public:
        virtual ~Findings() = default;
        virtual void report(std::string what) = 0;
    };
    virtual void check(Findings& findings) = 0;
};

}  // namespace amphora::tree
