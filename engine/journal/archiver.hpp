#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "journal/journal.hpp"

#include <amphora/types.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace amphora::journal {

struct ArchiverOptions {
    std::string directory;         ///< made if it is missing
    Identity timeline;             ///< of the journal
    bool is_known = false;         ///< was archived to before: not made again where it is missing
    std::uint32_t retry_ms = 500;  ///< after a failure
    Log log;
};

/// Copies each segment that has commits into the archive once it has a successor, on a thread of
/// its own.
///
/// Invariant: whatever `archived` was told is in the archive, on stable storage; so a journal that
/// recycles no further loses nothing to recycling. An archive that takes nothing (full, gone,
/// foreign) is tried again and again; meanwhile the journal grows up to its bound.
class Archiver {
  public:
    /// The journal outlives it. `archived` is called with a sequence that grows, from its thread.
    Archiver(FileSystem& files, Journal& journal, ArchiverOptions options,
             std::function<void(Sequence)> archived);
    ~Archiver();
    Archiver(const Archiver&) = delete;
    Archiver& operator=(const Archiver&) = delete;

    /// A segment has been closed.
    void wake() noexcept;
    /// Ends the thread. Nothing is archived, and nobody called, afterwards.
    void stop() noexcept;
    /// Ends the thread; then copies everything that is durable, the last segment too. To be called
    /// when the journal has been closed. Throws what copying throws.
    void finish();

    /// Nothing is copied while it is held: for whoever copies by hand meanwhile.
    [[nodiscard]] std::unique_lock<std::mutex> pause();

    /// Empty, or why the archive takes nothing at the moment.
    [[nodiscard]] std::string problem() const;
    /// Every commit from this one on is in the archive or in the journal; 0: not looked yet.
    [[nodiscard]] Sequence from() const;

  private:
    void run() noexcept;
    /// Copies what is closed and not there yet.
    void round();
    void copy(const SegmentExtent& segment);
    void require_archive();
    void look_back(const SegmentExtent& oldest);

    FileSystem& files_;
    Journal& journal_;
    const ArchiverOptions options_;
    const std::function<void(Sequence)> archived_;
    std::uint64_t copied_ = 0;  ///< number of the last segment that is there for good
    bool is_there_;             ///< the archive, by all that is known

    std::mutex copying_;
    mutable std::mutex mutex_;  ///< of what follows
    std::condition_variable changed_;
    bool stopping_ = false;
    bool woken_ = true;
    std::string problem_;
    Sequence from_{};
    std::thread thread_;  // last: it uses everything above
};

}  // namespace amphora::journal
