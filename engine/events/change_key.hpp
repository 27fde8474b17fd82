#pragma once

#include "base/lineage.hpp"
#include "events/commit_change.hpp"

#include <amphora/document.hpp>
#include <amphora/feed_position.hpp>
#include <amphora/value.hpp>

/// What names the row or document of a change, taken from its state where there is one, and else
/// from the key under which it was stored.
namespace amphora::events {

/// After the change; of a `read` after the commit of its snapshot. Restores do not change it.
[[nodiscard]] FeedPosition position_of(const CommitChange& change, const Lineage& lineage) noexcept;

/// The columns of the primary key, in their order. Throws `corrupt`.
[[nodiscard]] Record key_of(const CommitChange& row);

/// The _id. From a stored key a number is an int64, else a double, else a decimal128, and a symbol
/// is a string: the value is equal, its type may be another one. Throws `corrupt`.
[[nodiscard]] BsonValue id_of(const CommitChange& document);

}  // namespace amphora::events
