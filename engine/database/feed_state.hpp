#pragma once

#include "base/deadline.hpp"
#include "base/wake_descriptor.hpp"
#include "database/archive_state.hpp"
#include "database/core.hpp"
#include "database/feed_source.hpp"
#include "database/named_reader.hpp"
#include "database/shown_change.hpp"
#include "events/feed.hpp"

#include <amphora/feed.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

namespace amphora::detail {

/// A feed of an open database or of an archive, and what other threads say to it.
class FeedState {
  public:
    FeedState(std::shared_ptr<Core> core, const FeedOptions& options);
    /// Throws `invalid_argument` for what only a database has.
    FeedState(const ArchiveState& archive, const FeedOptions& options);
    /// In a forked child nothing is destroyed, because the journal's locks belong to the parent.
    ~FeedState();
    FeedState(const FeedState&) = delete;
    FeedState& operator=(const FeedState&) = delete;

    const Change* next(Deadline deadline);
    [[nodiscard]] std::optional<FeedPosition> position() const { return feed_->position(); }
    void seek(const FeedPosition& position);
    void acknowledge(const FeedPosition& position);
    void wake() noexcept;
    void pause(bool paused) noexcept;
    [[nodiscard]] bool is_paused() const noexcept;
    [[nodiscard]] bool has_ended() const noexcept;
    [[nodiscard]] int descriptor();

  private:
    void require_process() const {
        if (core_) core_->process.check(core_->path);
    }
    [[nodiscard]] bool await_resumed(Deadline deadline);
    [[nodiscard]] bool take_wake() noexcept;

    std::optional<WakeDescriptor> descriptor_;  // before the feed, which signals it
    const std::shared_ptr<Core> core_;          ///< null: of an archive
    std::optional<Core::Use> use_;              // destroyed after the feed, which uses the journal
    ShownChange shown_;
    std::unique_ptr<events::Feed> feed_;
    std::unique_ptr<NamedReader> reader_;  ///< null: nobody knows the feed

    mutable std::mutex mutex_;
    std::condition_variable said_;
    bool paused_ = false;
    bool woken_ = false;
    bool ended_ = false;
};

}  // namespace amphora::detail
