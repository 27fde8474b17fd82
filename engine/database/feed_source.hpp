#pragma once

#include "database/core.hpp"
#include "events/feed.hpp"
#include "journal/feed_hold.hpp"

namespace amphora::detail {

/// The journal of an open database, which must outlive the feed. `hold` is for what the journal keeps
/// for it.
[[nodiscard]] events::FeedSource feed_source(Core& core, journal::HoldOptions hold);

}  // namespace amphora::detail
