#pragma once

#include "outbox/pending_table.hpp"
#include "tree/tree.hpp"

#include <memory>
#include <span>
#include <vector>

namespace amphora::outbox {

/// The changes of consecutive tables, merged: sorted by key, each key once with its newest version.
/// The tables are sealed and outlive the result.
[[nodiscard]] std::vector<tree::Change> fold(std::span<const std::shared_ptr<PendingTable>> tables);

}  // namespace amphora::outbox
