#pragma once

#include "database/core.hpp"
#include "events/consumer_rows.hpp"
#include "events/feed.hpp"

#include <amphora/feed.hpp>

#include <memory>
#include <optional>

namespace amphora::detail {

/// A feed that the database knows by a name: how far its program has come is a row of
/// `amphora.consumers`, and the journal keeps what comes after that.
class NamedReader {
  public:
    /// Moves `feed` to where the reader continues. Throws as `Database::feed`.
    NamedReader(std::shared_ptr<Core> core, const FeedOptions& options, events::Feed& feed);
    ~NamedReader();
    NamedReader(const NamedReader&) = delete;
    NamedReader& operator=(const NamedReader&) = delete;

    /// `position` is as the feed names it. Throws as `Feed::acknowledge`.
    void acknowledge(const FeedPosition& position);

  private:
    /// The name, while this feed is open.
    class Registration final : public Running {
      public:
        void stop() noexcept override {}
    };
    void take_up(const FeedOptions& options, events::Feed& feed);
    void save();

    const std::shared_ptr<Core> core_;
    const std::shared_ptr<Registration> registration_ = std::make_shared<Registration>();
    events::ConsumerRow row_;
    bool is_kept_ = false;  ///< the journal has a hold for it
    /// None: nothing is acknowledged, and the reader is not known yet.
    std::optional<FeedPosition> acknowledged_;
};

}  // namespace amphora::detail
