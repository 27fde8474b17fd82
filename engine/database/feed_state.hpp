#pragma once

#include "base/deadline.hpp"
#include "base/wake_descriptor.hpp"
#include "database/core.hpp"
#include "database/named_reader.hpp"
#include "database/shown_change.hpp"
#include "events/feed.hpp"

#include <amphora/feed.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

namespace amphora::detail {

/// A feed of an open database, and what other threads say to it.
class FeedState {
  public:
    FeedState(std::shared_ptr<Core> core, const FeedOptions& options);
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
    void require_process() const { core_->process.check(core_->path); }
    [[nodiscard]] bool await_resumed(Deadline deadline);
    [[nodiscard]] bool take_wake() noexcept;

    std::optional<WakeDescriptor> descriptor_;  // before the feed, which signals it
    const std::shared_ptr<Core> core_;
    const Core::Use use_{*core_};  // destroyed after the feed, which uses the journal
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
