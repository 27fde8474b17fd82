#pragma once

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/feed_hold.hpp"

#include <amphora/types.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// The journal: the durable log of all commits. It is a directory of segment files. A segment is a
/// synced, salted header and a chain of frames. A frame is a group of commit records under one
/// checksum.
///
///   append ──► queue ──► frame ──► pwrite ──► fdatasync
///              (published)        (written)   (durable)
///
/// Invariant: recycled <= durable <= written <= appended, each a sequence. Everything at or below
/// `durable()` survives a power cut, with every earlier frame, the segment's header and its name.
namespace amphora::journal {

/// Who does the work for which no commit waits: syncing weaker commits at the interval, idle marks,
/// the next segment. `manual`: the caller of `run_background`, so that a simulation has one thread.
enum class Background : std::uint8_t { thread, manual };

/// Which segments: `copies` end where they were durable, and are shorter than the originals.
enum class SegmentFiles : std::uint8_t { own, copies };

struct JournalOptions {
    std::uint64_t segment_bytes = 64ull << 20;  ///< at most; a frame never spans segments
    /// The size of the first segments. Later ones grow with what is not recycled.
    std::uint64_t first_segment_bytes = 1ull << 20;
    std::uint32_t sync_interval_ms = 50;  ///< for `written` and `buffered` commits
    /// After this time without commits a mark is written which says that the last commits are
    /// durable. It costs a block. The next frame says the same at no cost, and so does the mark of
    /// a tree that holds the commits. Until one of them is on the disk, damage to frames that the
    /// last sync covered cannot be distinguished from an unfinished write: the next opening cuts
    /// them and reports the cut. A commit that must be proven at once waits in `await_proven`.
    std::uint32_t idle_mark_ms = 50;
    /// Kept free on the disk, in addition to a next segment.
    std::uint64_t reserve_bytes = 64ull << 20;
    std::uint32_t spare_segments_max = 2;  ///< recycled ones that are kept; more are removed
    Background background = Background::thread;
    SegmentFiles files = SegmentFiles::own;
    std::function<void(const std::string&)> log = {};  ///< one line each; any thread
    /// Called with the visible and the durable commit whenever one of them has advanced, by one thread
    /// at a time, and before any writer that waits for that commit returns. With locks held: it must
    /// return at once, and must not throw.
    std::function<void(Sequence visible, Sequence durable)> on_advance = {};
};

/// What open found and did, for the log and the statistics.
struct Recovery {
    Epoch epoch{};                    ///< of this opening
    Sequence oldest{};                ///< first sequence that the journal still holds; 0: none
    Sequence last{};                  ///< last sequence that survived
    std::uint64_t frames_copied = 0;  ///< without proof of durability, copied and synced
    std::uint64_t bytes_cut = 0;      ///< after the last good frame, without proof
    std::string cut_place;            ///< "journal/000003.log, offset 81920", if anything was cut
    /// No writer was interrupted since the journal was made or opened.
    bool closed_cleanly = false;
    std::vector<std::string> damage;  ///< `Mode::rescue`: what ends the journal early, in words
};

/// One commit record as it was appended.
struct Entry {
    Sequence sequence{};
    Epoch epoch{};             ///< the epoch under which it was committed
    std::uint64_t chain = 0;   ///< of the frame that holds it
    std::int64_t time_us = 0;  ///< of its frame; never decreases within an epoch
    Bytes record;
};

/// The used bytes of the segments that are not recycled.
struct JournalBytes {
    std::uint64_t live = 0;
    /// Of these, in segments before the one that is being written, which cannot be reused until it
    /// is full, even if nothing needs its commits any more.
    std::uint64_t closed = 0;
    /// Of these, in segments for whose commits `recycle` was called. They are held, or the next call
    /// recycles them.
    std::uint64_t unneeded = 0;
    std::uint64_t for_feeds = 0;  ///< of these, in segments that are held
};

struct JournalStatistics {
    Sequence recycled{}, durable{}, written{}, appended{};
    JournalBytes bytes;
    std::vector<FeedLag> feeds = {};  ///< the holds, the slowest first
    std::uint64_t segments_live = 0;
    std::uint64_t segments_spare = 0;  ///< prepared or recycled, ready for use
    std::uint64_t frames = 0, commits = 0, syncs = 0, bytes_written = 0;  ///< since open
};

/// What comes before a new journal: nothing, or the last commit of another timeline, which both
/// trees hold.
struct Beginning {
    Mark prior;
    std::int64_t prior_time_us = 0;
    Epoch epoch{};  ///< the first opening gets the next one
};

/// The durable part of a segment file: everything from its beginning up to `end`.
struct SegmentExtent {
    std::string path;
    std::uint64_t number = 0;  ///< increases along the chain
    std::uint64_t end = 0;
    Sequence prior{};      ///< the last commit before it
    Sequence last{};       ///< the last commit in it, or `prior`
    bool is_last = false;  ///< the one that is being written: its extent still grows
};

class JournalCursor;

/// Threads: `append` by one thread at a time (the writer that has the turn); everything else by
/// any.
class Journal {
  public:
    /// Makes a new, empty journal in `directory`, which exists and holds nothing else. When it
    /// returns the journal can be opened. Starts again where an earlier `create` was interrupted;
    /// throws `foreign_piece` if there is a journal that was ever opened.
    static void create(FileSystem& files, const std::string& directory, const Identity& identity,
                       const Beginning& beginning = {});

    /// `rescue` is read-only. At damage, or at something foreign, the journal ends, and
    /// `Recovery::damage` says why. Its last commit is then that of the newer tree, if that is
    /// later.
    enum class Mode : std::uint8_t { read_write, read_only, rescue };

    /// Opens, scans and repairs: cuts an unproven torn tail, copies the unproven frames into a new
    /// segment, makes a new epoch durable. `marks` are the trees' marks: they prove durability, and
    /// are compared with the chain. Throws `corrupt` (file and offset) for damage with proof of
    /// durability, `foreign_piece` for a segment or a mark of another database, timeline or moment.
    static std::unique_ptr<Journal> open(FileSystem& files, const std::string& directory,
                                         const Identity& identity, std::span<const Mark> marks,
                                         Mode mode, JournalOptions options);
    virtual ~Journal() = default;  ///< stops the background thread; leaves no closing mark

    [[nodiscard]] virtual const Recovery& recovery() const = 0;

    /// Reads the journal while others commit, and holds what it has not read (journal_cursor.hpp).
    /// Begins before the oldest commit that the journal holds. Any time and thread, also after
    /// `close` or a failure. The journal must outlive it.
    [[nodiscard]] virtual std::unique_ptr<JournalCursor> cursor(HoldOptions options) = 0;
    [[nodiscard]] std::unique_ptr<JournalCursor> cursor();

    /// Keeps the commits after a position that somebody has stored. Where some of them are not in
    /// the journal any more it keeps nothing, until it is moved.
    [[nodiscard]] virtual std::unique_ptr<PositionHold> hold(HoldOptions options,
                                                             Sequence after) = 0;
    /// The hold that keeps the oldest commits which nothing else needs; of several in the same
    /// segment one that does not skip. None: nothing is kept only for holds.
    [[nodiscard]] virtual std::optional<FeedLag> slowest_feed() const = 0;
    /// Ends the slowest hold, if its policy is `FeedFull::skip` and commits are kept for it alone;
    /// they are recycled. Returns which it was. Its reader gets `feed_gap`.
    virtual std::optional<FeedLag> give_up_slowest_feed() = 0;

    /// Calls `visit` for every durable commit after `after`, in order, reading from the files.
    /// Throws `foreign_piece` if the journal does not hold them any more.
    void replay(Sequence after, const std::function<void(const Entry&)>& visit);

    /// Reserves room for a record of `bytes`, so that the next `append` cannot fail for lack of
    /// memory or disk. Throws `disk_full` (until there is room), `transaction_too_large` (larger
    /// than a segment), `needs_reopen`. Never waits while the disk is full.
    virtual void reserve(std::size_t bytes) = 0;

    /// Adds the record of `sequence` (the one after the last) to the queue, with its durability.
    /// `tags`: what it is about. They are not stored.
    virtual void append(Sequence sequence, Durability durability, Buffer record,
                        CommitTags tags) noexcept = 0;
    void append(Sequence sequence, Durability durability, Buffer record) noexcept {
        append(sequence, durability, std::move(record), CommitTags::all());
    }

    /// Waits until every commit up to `sequence` has reached its own durability. The first thread
    /// to wait writes and syncs for the whole queue. Throws `outcome_unknown` if a write or sync of
    /// these commits failed, `needs_reopen` if one had failed before.
    virtual void await_visible(Sequence sequence) = 0;
    /// Waits in the same way until `sequence` is durable, whatever its own durability.
    virtual void await_durable(Sequence sequence) = 0;
    /// Waits until `sequence` is durable and the disk says so, so that damage to its frame is never
    /// taken for an unfinished write. If no later frame says it, a mark does, for the cost of a
    /// second sync. If a segment has no room for both the mark and a commit that is being made, the
    /// frame of that commit says it.
    virtual void await_proven(Sequence sequence) = 0;

    /// The highest sequence such that every commit up to it has reached its own durability. Never
    /// decreases; does not change after a failure.
    [[nodiscard]] virtual Sequence visible() const noexcept = 0;
    [[nodiscard]] virtual Sequence durable() const noexcept = 0;
    [[nodiscard]] virtual bool failed() const noexcept = 0;

    /// Called, on some thread and outside of the journal's locks, when `durable()` has increased or
    /// the journal has failed. Set once, before the first append.
    virtual void on_durable(std::function<void()> call) = 0;

    /// The mark of a durable commit: what a tree writes with the batch that ends with it. Valid for
    /// sequences that are not recycled, and for 0.
    [[nodiscard]] virtual Mark mark_of(Sequence sequence) const = 0;

    /// Commits up to `sequence` are not needed any more; whole segments up to it may be reused.
    /// Segments that are held are left, and stay until the next call.
    virtual void recycle(Sequence sequence) = 0;
    /// Called, on the thread that moves or ends a hold and outside of the journal's locks, when a
    /// segment can be recycled that was left because of it. Not after `close`. Must not throw. Set
    /// once, before the first hold.
    virtual void on_hold_released(std::function<void()> call) = 0;
    [[nodiscard]] virtual JournalBytes bytes() const noexcept = 0;
    [[nodiscard]] std::uint64_t bytes_live() const noexcept { return bytes().live; }
    [[nodiscard]] std::uint64_t bytes_closed() const noexcept { return bytes().closed; }
    [[nodiscard]] std::uint64_t bytes_for_feeds() const noexcept { return bytes().for_feeds; }

    /// Bytes that others on the same disk will need: no new segment uses them, in addition to the
    /// reserve. Valid until the next call.
    virtual void leave_free(std::uint64_t bytes) noexcept = 0;

    /// The segments that are not recycled, oldest first. Their bytes up to `end` do not change
    /// until they are recycled.
    [[nodiscard]] virtual std::vector<SegmentExtent> segments() const = 0;
    /// Called, on some thread and outside of the journal's locks, when a segment has got a
    /// successor. Must not throw. Set once, before the first append.
    virtual void on_segment_closed(std::function<void()> call) = 0;

    /// Syncs everything and writes a closing mark, so that the next open copies nothing. After a
    /// failure it only stops the background work. Afterwards only the questions may be called, and
    /// cursors used.
    virtual void close() = 0;

    [[nodiscard]] virtual JournalStatistics statistics() const = 0;

    /// Reads every live segment again and verifies headers, chain and checksums; calls `report` for
    /// each finding. While the journal is used: up to `durable()`.
    virtual void check(const std::function<void(std::string)>& report) = 0;

    /// One round of background work, for `Background::manual`: writes and syncs the queue, or else
    /// writes an idle mark if the last commits have no proof yet, and prepares the next segment.
    virtual void run_background() = 0;
};

}  // namespace amphora::journal
