#pragma once

#include "base/file.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace amphora::journal {

/// The files that are ready to become segments: filled with zeros and synced, so that no frame
/// waits for the file system to find room; or recycled, which has the same effect without the work.
///
/// Their sizes follow the use: the journal says with `aim` how large the next one shall be, from
/// `first_segment_bytes` to `segment_bytes`. A file that was needed before it was complete is
/// shorter. On a disk with room for few segments a spare gets the full size at once: when the disk
/// is full, the largest removals must still find room in the journal.
///
/// Invariant: a file in the pool has its full size on stable storage, and its name, too, and no
/// readable header that a link of the chain could reach.
///
/// Threads: `prepare_step` by one at a time; everything else by any.
class SegmentPool {
  public:
    struct Options {
        std::string directory;
        std::uint64_t segment_bytes = 0;        ///< of the largest segments
        std::uint64_t first_segment_bytes = 0;  ///< of the smallest segments
        std::uint64_t reserve_bytes = 0;
        std::size_t spares_max = 0;
    };
    SegmentPool(FileSystem& files, Options options);
    ~SegmentPool();  ///< removes a file that is only half prepared

    /// Takes a file without a readable header: as a spare if it has a size that a spare may have;
    /// otherwise it is removed. The caller syncs the directory.
    void adopt(const std::string& path);

    /// The same for a segment that was recycled, unless it is far smaller than the next one shall
    /// be: its header is wiped first.
    void give_back(const std::string& path);

    /// The size of spares that are prepared from now on.
    void aim(std::uint64_t bytes) noexcept;

    [[nodiscard]] std::size_t ready() const;
    /// The size of the spare that the `place`-th `take` from now returns, from 0; 0 if there is
    /// none.
    [[nodiscard]] std::uint64_t bytes_of(std::size_t place) const;
    [[nodiscard]] std::uint64_t bytes_of_largest() const;
    [[nodiscard]] std::unique_ptr<File> take();  ///< none if no spare is ready
    struct Wanted {
        std::uint64_t bytes_least = 0;   ///< a spare must be at least this large
        std::uint64_t bytes_if_new = 0;  ///< the size of a new file
    };
    /// A spare, or else a new file, made at once. Throws `disk_full`.
    [[nodiscard]] std::unique_ptr<File> take_or_make(const Wanted& wanted);

    /// A spare is prepared only if this much stays free on the disk, in addition to the reserve.
    void leave_free(std::uint64_t bytes) noexcept { left_free_ = bytes; }

    /// Prepares one more piece of a spare. The spare is ready when it has its full size. With
    /// `bytes_enough` it is ready as soon as it has that size, because a commit waits for it. True
    /// while there is more to do. Throws `disk_full` or `io_error` after removing the unfinished
    /// file; a later call starts again.
    bool prepare_step(std::optional<std::uint64_t> bytes_enough);

    /// Files that could not be reused or removed since the last call, in words, for the log. The
    /// pool does not log, because its callers may hold locks that a log function needs. An unused
    /// file stays on the disk until the next opening.
    [[nodiscard]] std::vector<std::string> take_problems();
    [[nodiscard]] bool has_problems() const;

  private:
    struct Preparation {
        std::unique_ptr<File> file;
        std::uint64_t whole = 0;
        std::uint64_t filled = 0;
    };

    [[nodiscard]] std::string new_path();
    [[nodiscard]] std::uint64_t bytes_of_next() const;
    [[nodiscard]] std::uint64_t to_least(std::optional<std::uint64_t> bytes_enough) const noexcept;
    [[nodiscard]] bool may_be_spare(const File& file, std::uint64_t bytes_least) const;
    void require_room(std::uint64_t bytes) const;
    void fill(File& file, std::uint64_t from, std::uint64_t to) const;
    void discard(const std::string& path) noexcept;
    void note(const std::exception& problem, const std::string& what) noexcept;

    FileSystem& files_;
    const Options options_;
    const std::uint64_t piece_bytes_;
    std::atomic<std::uint64_t> next_name_{1};
    std::atomic<std::uint64_t> left_free_{0};
    std::atomic<std::uint64_t> aim_;
    mutable std::mutex mutex_;
    struct Spare {
        std::unique_ptr<File> file;
        std::uint64_t bytes = 0;
    };
    std::deque<Spare> spares_;
    std::vector<std::string> problems_;
    std::optional<Preparation> preparation_;
};

}  // namespace amphora::journal
