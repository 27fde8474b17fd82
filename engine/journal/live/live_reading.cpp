#include "journal/live/live_journal.hpp"
#include "journal/recovery/chain_segment.hpp"

#include <algorithm>

namespace amphora::journal {

ChainSegment LiveJournal::durable_part_of_active() const {
    return {.path = active_->path(),
            .header = active_->header(),
            .end = synced_end_,
            .chain = synced_chain_,
            .last = {}};
}

/// The chain, up to what is durable now.
std::vector<ChainSegment> LiveJournal::durable_segments() const {
    const std::lock_guard lock{mutex_};
    std::vector<ChainSegment> segments(closed_.begin(), closed_.end());
    segments.push_back(durable_part_of_active());
    return segments;
}

std::vector<SegmentExtent> LiveJournal::segments() const {
    const std::lock_guard lock{mutex_};
    std::vector<SegmentExtent> extents;
    for (const ChainSegment& segment : closed_) {
        extents.push_back({.path = segment.path,
                           .number = segment.header.number,
                           .end = segment.end,
                           .prior = segment.header.prior.sequence,
                           .last = segment.last.sequence});
    }
    extents.push_back({.path = active_->path(),
                       .number = active_->header().number,
                       .end = synced_end_,
                       .prior = active_->header().prior.sequence,
                       .last = durable_.load(),
                       .is_last = true});
    return extents;
}

void LiveJournal::check(const std::function<void(std::string)>& report) {
    const auto still_live = [this](const ChainSegment& segment) {
        const auto now = durable_segments();
        return std::any_of(now.begin(), now.end(), [&](const ChainSegment& live) {
            return live.header.number == segment.header.number;
        });
    };
    const std::vector<ChainSegment> segments = durable_segments();
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const ChainSegment& segment = segments[i];
        const ChainSegment* const after = i + 1 < segments.size() ? &segments[i + 1] : nullptr;
        // A segment that was recycled while it was read may look different, or be gone.
        try {
            const auto finding = check_segment(files_, segment, after);
            if (finding && still_live(segment)) report(*finding);
        } catch (const Error&) {
            if (still_live(segment)) throw;
        }
    }
}

JournalStatistics LiveJournal::statistics() const {
    const JournalBytes bytes = this->bytes();
    const std::lock_guard lock{mutex_};
    JournalStatistics statistics = counted_;
    statistics.recycled = recycled_;
    statistics.durable = durable_.load();
    statistics.written = written_;
    statistics.appended = appended_;
    statistics.bytes = bytes;
    for (const LiveHold* const hold : holds_.all()) {
        if (!hold->is_lost) statistics.feeds.push_back(lag_of(*hold));
    }
    std::ranges::stable_sort(statistics.feeds, {}, &FeedLag::after);
    statistics.segments_live = closed_.size() + 1;
    statistics.segments_spare = pool_->ready();
    return statistics;
}

}  // namespace amphora::journal
