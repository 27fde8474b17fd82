#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "journal/archive/segment_copy.hpp"
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
    bool is_known = false;         ///< was used before: not made again if it is missing
    std::uint32_t retry_ms = 500;  ///< after a failure
    ArchivedCatalogs catalogs = {};
    Log log;
};

/// Copies each segment that has commits into the archive once it has a successor, on its own
/// thread.
///
/// Invariant: everything up to the sequence that `archived` was called with is in the archive, on
/// stable storage. So a journal that recycles no further loses nothing by recycling. If the archive
/// cannot be written (full, missing, foreign), it is tried again and again; meanwhile the journal
/// grows up to its bound.
class Archiver {
  public:
    /// The journal must outlive it. `archived` is called with increasing sequences, from its
    /// thread.
    Archiver(FileSystem& files, Journal& journal, ArchiverOptions options,
             std::function<void(Sequence)> archived);
    ~Archiver();
    Archiver(const Archiver&) = delete;
    Archiver& operator=(const Archiver&) = delete;

    /// Copying may begin: the catalogs can be read from now on.
    void begin() noexcept;
    /// A segment was closed.
    void wake() noexcept;
    /// Ends the thread. Afterwards nothing is archived, and nothing called.
    void stop() noexcept;
    /// Ends the thread; then copies everything that is durable, also the last segment. Called after
    /// the journal was closed. Throws what copying throws.
    void finish();

    /// Nothing is copied while the lock is held, so that another thread can copy.
    [[nodiscard]] std::unique_lock<std::mutex> pause();

    /// Why the archive takes nothing at the moment; empty: it does.
    [[nodiscard]] std::string problem() const;
    /// Every commit from this one on is in the archive or in the journal; 0: not known yet.
    [[nodiscard]] Sequence from() const;

  private:
    void run() noexcept;
    /// Copies closed segments that the archive lacks.
    void round();
    void copy(const SegmentExtent& segment);
    void require_archive();
    void look_back(const SegmentExtent& oldest);

    FileSystem& files_;
    Journal& journal_;
    const ArchiverOptions options_;
    const std::function<void(Sequence)> archived_;
    std::uint64_t copied_ = 0;  ///< number of the last segment that is durably in the archive
    bool is_there_;             ///< whether the archive exists, as far as known

    std::mutex copying_;
    mutable std::mutex mutex_;  ///< protects what follows
    std::condition_variable changed_;
    bool stopping_ = false;
    bool begun_ = false;
    bool woken_ = true;
    std::string problem_;
    Sequence from_{};
    std::thread thread_;  // last, because it uses everything above
};

}  // namespace amphora::journal
