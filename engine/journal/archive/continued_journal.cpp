#include "journal/archive/continued_journal.hpp"

#include "base/assert.hpp"
#include "journal/recovery/opening.hpp"
#include "journal/segment/active_segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace amphora::journal {

namespace {

/// As large as the frames of a busy journal.
constexpr std::size_t frame_bytes_enough = 4u << 20;

struct CopiedFrame {
    Epoch epoch{};
    std::int64_t time_us = 0;
    Sequence first{};
    std::vector<Buffer> records;
    std::size_t bytes = frame_header_bytes;

    [[nodiscard]] bool takes(const Entry& entry) const noexcept {
        return epoch == entry.epoch && time_us == entry.time_us && bytes < frame_bytes_enough;
    }
};

/// Writes segments that hold nothing but copies, each linked to the one before.
class Continuation {
  public:
    Continuation(FileSystem& files, std::string directory, const Identity& identity,
                 const Beginning& beginning)
        : files_{files},
          directory_{std::move(directory)},
          header_{.identity = identity,
                  .epoch = beginning.epoch,
                  .nonce = random_bits(),
                  .number = 1,
                  .salt = random_bits(),
                  .prior = beginning.prior,
                  .prior_time_us = beginning.prior_time_us,
                  .predecessor = {}},
          last_{beginning.prior},
          time_us_{beginning.prior_time_us} {}

    void write(const std::vector<CopiedFrame>& frames) {
        std::uint64_t bytes = 0;
        for (const CopiedFrame& frame : frames) bytes += frame.bytes + frame_alignment;
        auto file = files_.open(fmt::format("{}/{:06}.log", directory_, header_.number),
                                OpenFile::create_new);
        file->write_at(0, Buffer(segment_bytes_of(to_block(bytes)), '\0'));
        auto segment = std::make_unique<ActiveSegment>(std::move(file), header_);
        for (const CopiedFrame& frame : frames) write_frame(*segment, frame);
        segment->sync();
        segment->header().copies_end = segment->end();
        segment->write_header();
        if (segment_) segment_->name_successor(segment->header());
        segment_ = std::move(segment);
        header_.number += 1;
        header_.salt = random_bits();
        header_.prior = last_;
        header_.prior_time_us = time_us_;
        header_.predecessor = {.number = segment_->header().number,
                               .salt = segment_->header().salt,
                               .end = segment_->end(),
                               .chain = segment_->chain()};
    }

    /// The journal is as if it had been closed.
    Mark finish() {
        FrameHeader mark{.kind = FrameKind::closing,
                         .epoch = header_.epoch,
                         .first = next(last_.sequence),
                         .durable_offset = static_cast<std::uint32_t>(segment_->end()),
                         .durable = last_.sequence,
                         .time_us = time_us_};
        builder_.begin();
        segment_->begin_block();
        segment_->write(builder_, mark);
        segment_->sync();
        files_.sync_directory(directory_);
        return last_;
    }

  private:
    void write_frame(ActiveSegment& segment, const CopiedFrame& frame) {
        builder_.begin();
        for (const Buffer& record : frame.records) builder_.add(record);
        FrameHeader header{.kind = FrameKind::copied,
                           .epoch = frame.epoch,
                           .first = frame.first,
                           .commits = static_cast<std::uint32_t>(frame.records.size()),
                           .durable_offset = header_bytes,
                           .durable = header_.prior.sequence,
                           .time_us = frame.time_us};
        segment.write(builder_, header);
        last_ = {.epoch = header.epoch, .sequence = header.last(), .chain = header.checksum};
        time_us_ = header.time_us;
    }

    FileSystem& files_;
    const std::string directory_;
    SegmentHeader header_;  ///< of the next segment
    Mark last_;
    std::int64_t time_us_;
    std::unique_ptr<ActiveSegment> segment_;  ///< the last one
    FrameBuilder builder_;
};

}  // namespace

Mark create_with_commits(FileSystem& files, const std::string& directory, const Identity& identity,
                         const Beginning& beginning, JournalCursor& commits, Sequence last,
                         std::uint64_t segment_bytes) {
    AMPHORA_ASSERT(commits.position() == beginning.prior.sequence && commits.position() < last);
    Continuation continuation{files, directory, identity, beginning};
    const std::uint64_t room = segment_bytes - segment_bytes_of(0);
    std::vector<CopiedFrame> frames;
    std::uint64_t bytes = 0;
    while (commits.position() < last) {
        const std::optional<Entry> entry = commits.next();
        AMPHORA_ASSERT(entry);
        const std::uint64_t grown =
            frame_header_bytes + frame_alignment + record_header_bytes + entry->record.size();
        if (!frames.empty() && bytes + grown > room) {
            continuation.write(std::exchange(frames, {}));
            bytes = 0;
        }
        bytes += grown;
        if (frames.empty() || !frames.back().takes(*entry)) {
            frames.push_back({.epoch = entry->epoch,
                              .time_us = entry->time_us,
                              .first = entry->sequence,
                              .records = {}});
        }
        frames.back().bytes += record_header_bytes + entry->record.size();
        frames.back().records.emplace_back(entry->record);
    }
    continuation.write(frames);
    return continuation.finish();
}

}  // namespace amphora::journal
