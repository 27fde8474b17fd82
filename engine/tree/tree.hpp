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

/// How a tree's directory is opened. `create`: what is there must be missing, half made or still
/// empty (sequence 0), so that an interrupted creation can start over; anything else is
/// `foreign_piece`.
enum class OpenMode : std::uint8_t { create, read_write, read_only };

/// One change: a new value, or the end of a key.
struct Change {
    Bytes key;
    std::optional<Bytes> value;  ///< none: the key is removed; removing an absent key is no error
};

/// A position in a view, moving both ways. Used by one thread at a time. Keys of `space_tree` are
/// never shown. After a move that finds nothing, `valid()` is false until the next `seek…`.
class Cursor {
  public:
    virtual ~Cursor() = default;
    /// From here on nobody asks for keys outside of [lower, upper), a part of the range that the
    /// cursor was made for. It has no position until the next `seek…`, and may end at the bounds.
    virtual void narrow_to(Bytes lower, Bytes upper) = 0;
    /// To the first key at or after `key`.
    virtual void seek(Bytes key) = 0;
    /// To the last key strictly before `key`; an empty `key` means the end of the tree.
    virtual void seek_before(Bytes key) = 0;
    virtual void next() = 0;
    virtual void previous() = 0;
    [[nodiscard]] virtual bool valid() const = 0;
    /// Both stay valid until the cursor moves.
    [[nodiscard]] virtual Bytes key() const = 0;
    [[nodiscard]] virtual Bytes value() const = 0;
};

/// The tree as of one delivery, for as long as it is held. Shared by threads; `find` may run in
/// several at once, each cursor in one at a time.
class ReadView {
  public:
    virtual ~ReadView() = default;
    /// The mark of exactly this view, looked up in memory.
    [[nodiscard]] virtual Mark mark() const = 0;
    /// The value of `key`: either memory of the view, or put into `scratch`. Throws `corrupt` if
    /// its checksum does not match.
    [[nodiscard]] virtual std::optional<Bytes> find(Bytes key, Buffer& scratch) const = 0;
    /// Nobody asks it for keys outside of [lower, upper), and it may end there; an empty bound is
    /// none. A tree that keeps newer versions next to older ones would else step over each that the
    /// view does not show, looking for one that it does.
    [[nodiscard]] virtual std::unique_ptr<Cursor> cursor(Bytes lower, Bytes upper) const = 0;
    [[nodiscard]] std::unique_ptr<Cursor> cursor() const { return cursor({}, {}); }
};

struct TreeStatistics {
    std::uint64_t bytes_on_disk = 0;  ///< file sizes
    std::uint64_t bytes_free = 0;     ///< inside the files, reusable
    std::uint64_t bytes_memory = 0;   ///< memtables, caches
    std::uint64_t map_bytes_max = 0;  ///< LMDB's map; 0 where there is none
    std::uint64_t entries = 0;        ///< an estimate in the document tree
    std::uint64_t readers = 0;        ///< views alive
    std::uint64_t oldest_reader_ms = 0;
    std::string health;  ///< "ok", or what is wrong, in words
};

class Tree {
  public:
    virtual ~Tree() = default;

    /// Throws `disk_full` only when no view can be had; a pool makes that rare.
    [[nodiscard]] virtual std::shared_ptr<const ReadView> view() = 0;

    /// Writes the changes (sorted by key, each key once) and `mark` in one atomic write; when it
    /// returns a new view shows them. Called by one thread only, always the same one. Throws
    /// `disk_full` or `io_error`, having changed nothing; the caller tries again later.
    virtual void apply(std::span<const Change> changes, const Mark& mark) = 0;

    /// The mark that a new view would show; Sequence 0 in a new tree.
    [[nodiscard]] virtual Mark delivered() const = 0;
    /// The mark as it would survive a power cut. Never after `delivered()`.
    [[nodiscard]] virtual Mark held() const = 0;
    /// Asks the tree to make `held()` catch up with `delivered()`; returns when it has. Called by
    /// the thread that calls `apply`.
    virtual void hold() = 0;

    /// What a later `apply` would refuse is refused here, before the change enters a transaction:
    /// throws `value_too_large` for a key or value beyond the tree's limits.
    virtual void accepts(Bytes key, std::size_t value_bytes) const = 0;

    /// What is to be delivered.
    struct Load {
        std::uint64_t bytes = 0;  ///< of keys and values
        std::uint64_t keys = 0;
    };
    /// Disk space beyond what the files have already.
    struct DiskNeed {
        std::uint64_t bytes = 0;             ///< that delivering takes at most
        std::uint64_t compaction_bytes = 0;  ///< that rewriting files takes for a time
        std::uint64_t reserve_bytes = 0;     ///< that the reserve for removals lacks
        std::uint64_t hold_bytes = 0;        ///< of `bytes`, what `hold` would do away with

        std::uint64_t free_bytes = 0;  ///< of the file system, now
        std::uint64_t own_bytes = 0;   ///< of the reserve, which removals may use in addition

        std::uint64_t map_bytes = 0;       ///< of address space, reserve included; 0: has no map
        std::uint64_t map_free_bytes = 0;  ///< of the map, now

        /// Puts leave all of it free; removals need `bytes`.
        [[nodiscard]] std::uint64_t of_puts() const noexcept {
            return bytes + compaction_bytes + reserve_bytes;
        }
    };
    [[nodiscard]] virtual DiskNeed disk_need(Load load) const = 0;

    /// Whether there is room for `load`, in the map and on the disk, of which `others_bytes` are
    /// left to others. Removals alone may use the reserve, and what is left to others.
    enum class Room : std::uint8_t { enough, removals_only, none };
    [[nodiscard]] virtual Room room_for(Load load, std::uint64_t others_bytes) const = 0;

    /// On a full disk, where nothing is to be delivered: gives back what was removed, as far as
    /// that can be done with what is left. Called by the thread that calls `apply`.
    virtual void reclaim() noexcept = 0;

    [[nodiscard]] virtual TreeStatistics statistics() const = 0;

    /// Gives unused space in the files back to the operating system as far as the tree can while it
    /// is open (RocksDB: a full compaction; LMDB: nothing).
    virtual void compact() = 0;

    /// Makes `directory` and in it a tree of its own with the contents as of one moment, synced:
    /// its mark is not before what `held()` said when the call began. Table files that never change
    /// are linked where the file system allows. Beside readers and deliveries, from any thread, one
    /// copy at a time. Throws `disk_full`, `io_error` and what `copied` throws; then the copy is
    /// worthless and this tree as it was.
    virtual void copy_to(const std::string& directory, const Copied& copied) = 0;

    /// Walks the whole tree with its checksums and its structure; calls `report` for each finding.
    class Findings {
      public:
        virtual ~Findings() = default;
        virtual void report(std::string what) = 0;
    };
    virtual void check(Findings& findings) = 0;
};

}  // namespace amphora::tree
