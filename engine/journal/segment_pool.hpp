#pragma once

#include "base/file.hpp"
#include "base/log.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace amphora::journal {

/// The files that wait to become segments: filled with zeros and synced, so that no frame ever
/// waits for the file system to find room, or recycled, which is the same without the work.
///
/// Their sizes follow the use: the journal says with `aim` how large the next one is to be, from
/// `first_segment_bytes` to `segment_bytes`. One that was needed before it was whole is shorter. On
/// a disk with room for few segments a spare gets the full size at once: what removes the most has
/// to find room in the journal when the disk is full.
///
/// Invariant: a file in the pool has its full size on stable storage, its name too, and no readable
/// header that a link of the chain could reach.
///
/// Threads: `prepare_step` by one at a time; everything else by any.
class SegmentPool {
  public:
    struct Options {
        std::string directory;
        std::uint64_t segment_bytes = 0;        ///< of the largest
        std::uint64_t first_segment_bytes = 0;  ///< of the smallest
        std::uint64_t reserve_bytes = 0;
        std::size_t spares_max = 0;
        Log log;
    };
    SegmentPool(FileSystem& files, Options options);
    ~SegmentPool();  ///< removes a file that is only half prepared

    /// Takes over a file without a readable header: as a spare if it has a size that one may have,
    /// otherwise it is removed. The caller syncs the directory.
    void adopt(const std::string& path);

    /// The same for a segment that has been recycled, if it is not far smaller than the next one is
    /// to be: its header is wiped first.
    void give_back(const std::string& path);

    /// The size of spares that are prepared from now on.
    void aim(std::uint64_t bytes) noexcept;

    [[nodiscard]] std::size_t ready() const;
    /// The size of the spare that the `place`-th `take` from now gives, from 0; 0 if there is none.
    [[nodiscard]] std::uint64_t bytes_of(std::size_t place) const;
    [[nodiscard]] std::uint64_t bytes_of_largest() const;
    [[nodiscard]] std::unique_ptr<File> take();  ///< nothing if none is ready
    struct Wanted {
        std::uint64_t bytes_least = 0;   ///< the spare must have so many
        std::uint64_t bytes_if_new = 0;  ///< a new file gets so many
    };
    /// A spare, or else a new file, made at once. Throws `disk_full`.
    [[nodiscard]] std::unique_ptr<File> take_or_make(const Wanted& wanted);

    /// Beside the reserve, of what the disk has free: a spare is prepared only if so much is left.
    void leave_free(std::uint64_t bytes) noexcept { left_free_ = bytes; }

    /// Prepares one more piece of a spare. The spare is ready when it has its full size; if there
    /// are `bytes_enough`, somebody waits for it, and it is ready as soon as it has so many. True
    /// while there is more to do. Throws `disk_full` or `io_error`, having removed what it had; a
    /// later call starts again.
    bool prepare_step(std::optional<std::uint64_t> bytes_enough);

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
    std::optional<Preparation> preparation_;
};

}  // namespace amphora::journal
