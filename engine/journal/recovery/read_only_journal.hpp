#pragma once

#include "journal/journal.hpp"
#include "journal/recovery/survey.hpp"

namespace amphora::journal {

/// The journal as it was found, for reading: nothing is repaired, nothing can be appended. Frames
/// without proof of durability are kept in memory, because a writing process may continue.
class ReadOnlyJournal final : public Journal {
  public:
    ReadOnlyJournal(FileSystem& files, Survey survey);

    [[nodiscard]] const Recovery& recovery() const override { return recovery_; }
    [[nodiscard]] std::unique_ptr<JournalCursor> cursor(HoldOptions options) override;
    [[nodiscard]] std::unique_ptr<PositionHold> hold(HoldOptions options, Sequence after) override;
    [[nodiscard]] std::optional<FeedLag> slowest_feed() const override { return std::nullopt; }
    std::optional<FeedLag> give_up_slowest_feed() override { return std::nullopt; }
    void reserve(std::size_t bytes) override;
    using Journal::append;
    void append(Sequence sequence, Durability durability, Buffer record,
                CommitTags /*tags*/) noexcept override;
    void await_visible(Sequence sequence) override;
    void await_durable(Sequence sequence) override;
    void await_proven(Sequence sequence) override { await_durable(sequence); }
    [[nodiscard]] Sequence visible() const noexcept override { return recovery_.last; }
    [[nodiscard]] Sequence durable() const noexcept override { return recovery_.last; }
    [[nodiscard]] bool failed() const noexcept override { return false; }
    void on_durable(std::function<void()>) override {}
    [[nodiscard]] Mark mark_of(Sequence sequence) const override;
    void recycle(Sequence) override {}
    void leave_free(std::uint64_t) noexcept override {}
    [[nodiscard]] JournalBytes bytes() const noexcept override;
    [[nodiscard]] std::vector<SegmentExtent> segments() const override;
    void on_segment_closed(std::function<void()>) override {}
    void on_hold_released(std::function<void()>) override {}
    void close() override {}
    [[nodiscard]] JournalStatistics statistics() const override;
    void check(const std::function<void(std::string)>& report) override;
    void run_background() override {}

  private:
    [[nodiscard]] std::vector<ChainSegment> segments_with_unproven() const;

    FileSystem& files_;
    Survey survey_;
    Recovery recovery_;
};

}  // namespace amphora::journal
