#pragma once

#include "base/lineage.hpp"
#include "events/feed_place.hpp"
#include "stores/bound_schema.hpp"
#include "transaction/reading.hpp"

#include <amphora/feed_position.hpp>
#include <amphora/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The rows of the system table `amphora.consumers`: what is known of a consumer while nobody runs
/// it. A consumer's row changes in the same commit as the effects of its handler, so the position
/// always says exactly which changes have taken effect.
namespace amphora::events {

struct ConsumerRow {
    enum class Kind : std::uint8_t {
        handler,
        reader,  ///< a program that reads the feed, and acknowledges what it has done
    };
    std::string name;
    Kind kind = Kind::handler;
    std::string position;    ///< text of a FeedPlace: after the last change that took effect
    std::string definition;  ///< its selections, see selection_text.hpp
    enum class State : std::uint8_t { running, paused, stopped };
    State state = State::running;
    FeedFull when_full = FeedFull::hold;
    std::uint32_t attempts = 0;  ///< of the change `failing`
    std::optional<std::string> failing;
    std::optional<std::string> last_error;
    DateTime created_at;
    std::optional<DateTime> ran_at;
    std::vector<std::string> read_again;  ///< tables and collections that wait to be read again
};
[[nodiscard]] std::string_view to_string(ConsumerRow::State state) noexcept;

/// By name. None of them throws except `corrupt` and `snapshot_expired`; a database that was never
/// opened for writing by this version has no consumers.
[[nodiscard]] std::vector<ConsumerRow> read_consumers(const transaction::Reading& reading,
                                                      const stores::BoundSchema& schema);
[[nodiscard]] std::optional<ConsumerRow> read_consumer(const transaction::Reading& reading,
                                                       const stores::BoundSchema& schema,
                                                       std::string_view name);
/// Adds the row or replaces it.
void put_consumer(transaction::Writing& writing, const stores::BoundSchema& schema,
                  const ConsumerRow& consumer);
/// Was there one?
bool erase_consumer(transaction::Writing& writing, const stores::BoundSchema& schema,
                    std::string_view name);

/// The position; none where it is not understood: a later version of the library may have stored
/// it.
[[nodiscard]] std::optional<FeedPlace> place_of(const ConsumerRow& consumer);

/// The commit after which the consumer still needs every commit: all, if its position is not
/// understood. None for a position at which no feed can continue (feed.hpp).
[[nodiscard]] std::optional<Sequence> needed_after(const ConsumerRow& consumer,
                                                   const Lineage& lineage);
/// The same for a position of this timeline: one within a commit needs that commit.
[[nodiscard]] Sequence needed_after(const FeedPosition& position) noexcept;

/// The origin of the commits that the consumer's handler makes.
[[nodiscard]] std::string origin_of_consumer(std::string_view name);

}  // namespace amphora::events
