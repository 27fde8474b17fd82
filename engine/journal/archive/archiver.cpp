#include "journal/archive/archiver.hpp"

#include "base/thread_name.hpp"
#include "journal/archive/archive.hpp"
#include "journal/archive/segment_copy.hpp"

#include <amphora/error.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace amphora::journal {

Archiver::Archiver(FileSystem& files, Journal& journal, ArchiverOptions options,
                   std::function<void(Sequence)> archived)
    : files_{files},
      journal_{journal},
      options_{std::move(options)},
      archived_{std::move(archived)},
      is_there_{options_.is_known},
      thread_{[this] { run(); }} {}

Archiver::~Archiver() {
    stop();
}

void Archiver::stop() noexcept {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Archiver::begin() noexcept {
    {
        const std::lock_guard lock{mutex_};
        begun_ = true;
    }
    changed_.notify_one();
}

void Archiver::wake() noexcept {
    {
        const std::lock_guard lock{mutex_};
        woken_ = true;
    }
    changed_.notify_one();
}

std::unique_lock<std::mutex> Archiver::pause() {
    return std::unique_lock{copying_};
}

std::string Archiver::problem() const {
    const std::lock_guard lock{mutex_};
    return problem_;
}

Sequence Archiver::from() const {
    const std::lock_guard lock{mutex_};
    return from_;
}

void Archiver::run() noexcept {
    name_thread("amphora-archive");
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        if (!begun_ || !woken_) {
            changed_.wait(lock);
            continue;
        }
        woken_ = false;
        lock.unlock();
        std::string problem;
        try {
            round();
        } catch (const std::exception& error) {
            problem = error.what();
        }
        // Logged once; further attempts are made silently.
        if (problem != this->problem() && options_.log) {
            options_.log(problem.empty() ? "archive: continues"
                                         : fmt::format("archive: takes nothing: {}", problem));
        }
        lock.lock();
        problem_ = std::move(problem);
        if (problem_.empty()) continue;
        woken_ = true;
        changed_.wait_for(lock, std::chrono::milliseconds{options_.retry_ms},
                          [this] { return stopping_; });
    }
}

void Archiver::round() {
    require_archive();
    // Before the lock is awaited, because this may have something to report.
    if (from() == Sequence{}) look_back(journal_.segments().front());
    const auto alone = pause();
    const std::vector<SegmentExtent> segments = journal_.segments();
    for (const SegmentExtent& segment : segments) {
        if (segment.is_last || segment.number <= copied_) continue;
        copy(segment);
        copied_ = segment.number;
        archived_(segment.last);
    }
    // Also if nothing had to be copied: what the journal no longer holds was archived before.
    archived_(segments.back().prior);
}

/// A segment without commits is treated like the ones before it: a journal that was told that these
/// are archived may already have reused it.
void Archiver::copy(const SegmentExtent& segment) {
    if (segment.last == segment.prior) return;
    copy_segment(
        files_, segment, options_.directory, [](std::uint64_t) {}, &options_.catalogs);
}

/// If a disk is not mounted, a new archive in its place would get the segments that the real one
/// then lacks.
void Archiver::require_archive() {
    if (is_there_ && !files_.exists(options_.directory)) {
        throw Error{
            ErrorCode::io_error,
            fmt::format("{} is missing; mount it or put it back, and archiving continues; or "
                        "open the database with another archive or with Archiving::stops",
                        options_.directory)};
    }
    if (!is_there_) make_archive(files_, options_.directory);
    is_there_ = true;
}

/// Finds the commit from which on nothing is missing between the archive and the journal.
void Archiver::look_back(const SegmentExtent& oldest) {
    std::optional<ArchivedRun> newest;
    for (const ArchivedRun& run : list_archive(files_, options_.directory)) {
        if (run.identity == options_.timeline) newest = run;
    }
    Sequence from = next(oldest.prior);
    if (newest && newest->last >= oldest.prior) {
        from = newest->first;
    } else if (newest && options_.log) {
        options_.log(fmt::format(
            "archive: {} lacks commits {} to {}, which the journal no longer has; a backup from "
            "before can be restored up to commit {} and no further: make a new one",
            options_.directory, number(newest->last) + 1, number(oldest.prior),
            number(newest->last)));
    } else if (options_.is_known && from > Sequence{1} && options_.log) {
        options_.log(fmt::format(
            "archive: {} holds nothing of this database and begins with commit {}; if it held "
            "something before, its disk is not mounted, or it was emptied: make a new backup",
            options_.directory, number(from)));
    }
    const std::lock_guard lock{mutex_};
    from_ = from;
}

void Archiver::finish() {
    stop();
    round();
    const auto alone = pause();
    copy(journal_.segments().back());
}

}  // namespace amphora::journal
