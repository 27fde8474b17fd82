#pragma once

#include "database/reader_state.hpp"
#include "events/commit_change.hpp"

#include <amphora/feed_position.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace amphora::detail {

/// A change that its consumer has given up: a document of the system collection
/// `amphora.dead_letters`, with everything that is needed to show the change again.
struct DeadLetter {
    std::string_view consumer;
    FeedPosition position;  ///< of the change
    const events::CommitChange& change;
    std::uint32_t attempts = 0;
    std::string_view error;     ///< of the last attempt
    std::int64_t first_us = 0;  ///< when the first attempt failed
};

/// Throws what inserting a document throws.
void add_dead_letter(ReaderState& transaction, const DeadLetter& letter);
[[nodiscard]] std::uint64_t count_dead_letters(const ReaderState& reader,
                                               std::string_view consumer);

}  // namespace amphora::detail
