#pragma once

#include "database/core.hpp"
#include "events/consumer_rows.hpp"

#include <amphora/error.hpp>
#include <amphora/types.hpp>

#include <optional>
#include <string>
#include <string_view>

/// What the journal keeps for consumers, whether they run or not: everything after their positions.
namespace amphora::detail {

/// Throws `invalid_argument` for a name that no consumer or reader can have.
void require_consumer_name(const std::string& name);

/// Takes the positions that are stored, before anything is recycled. For an opening.
void restore_consumer_positions(Core& core);

/// Throws the error of a feed that cannot continue, with whose it is and what to do about it.
[[noreturn]] void refuse_to_continue(const std::string& whose, const Error& error,
                                     std::string_view remedy);

[[nodiscard]] journal::HoldOptions hold_of_consumer(const std::string& name, FeedFull when_full);
/// Every commit after this one is needed by a consumer that may not be skipped, or by a named
/// reader. None: nothing is.
[[nodiscard]] std::optional<Sequence> needed_by_consumers(const transaction::Reading& reading,
                                                          const stores::BoundSchema& schema,
                                                          const Lineage& lineage);
/// Keeps every commit after `after` for the consumer, with the policy of its row.
void keep_for_consumer(Core& core, const events::ConsumerRow& consumer, Sequence after);
/// The commit `stored_by` has stored that the consumer needs only the commits after `after`.
void move_consumer(Core& core, const std::string& name, Sequence after, const Commit& stored_by);

}  // namespace amphora::detail
