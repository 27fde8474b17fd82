#include "journal/archiver.hpp"

#include "base/thread_name.hpp"
#include "journal/segment_copy.hpp"

#include <chrono>
#include <exception>
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

void Archiver::wake() noexcept {
    {
        const std::lock_guard lock{mutex_};
        woken_ = true;
    }
    changed_.notify_one();
}

std::string Archiver::problem() const {
    const std::lock_guard lock{mutex_};
    return problem_;
}

void Archiver::run() noexcept {
    name_thread("amphora-archive");
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        if (!woken_) {
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
        // Said once; it is tried again without a word.
        if (problem != this->problem() && options_.log)
            options_.log(problem.empty() ? "archive: goes on"
                                         : fmt::format("archive: takes nothing: {}", problem));
        lock.lock();
        problem_ = std::move(problem);
        if (problem_.empty()) continue;
        woken_ = true;
        changed_.wait_for(lock, std::chrono::milliseconds{options_.retry_ms},
                          [this] { return stopping_; });
    }
}

void Archiver::round() {
    const std::vector<SegmentExtent> segments = journal_.segments();
#ifdef AMPHORA_MUTANT_ARCHIVE_RECYCLES_BEFORE_COPIED
    archived_(segments.back().prior);
#endif
    make_archive(files_, options_.directory);
    for (const SegmentExtent& segment : segments) {
        if (segment.is_last || segment.number <= copied_) continue;
        copy_segment(files_, segment, options_.directory, [](std::uint64_t) {});
        copied_ = segment.number;
        archived_(segment.last);
    }
    // Also where nothing was to be copied: what the journal no longer holds went before.
    archived_(segments.back().prior);
}

void Archiver::finish() {
    stop();
    round();
    copy_segment(files_, journal_.segments().back(), options_.directory, [](std::uint64_t) {});
}

}  // namespace amphora::journal
