#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "transaction/reading.hpp"

#include <optional>

/// The first commit of each epoch: kept in the relational tree, and written with that commit.
///
///   key    00 00 00 02 | epoch, 8 bytes, most significant first
///   value  sequence of the epoch's first commit, 8 bytes, most significant first
///
/// A commit (epoch, sequence) was lost exactly if a later epoch began at or before its sequence.
/// This can be answered also after the journal has dropped the commit.
namespace amphora::transaction {

inline constexpr SpaceId space_epochs{2};

[[nodiscard]] Buffer epoch_key(Epoch epoch);
[[nodiscard]] Buffer epoch_value(Sequence first);
/// The first commit of the first epoch after `epoch` that has any.
[[nodiscard]] std::optional<Sequence> find_successor(const Reading& reading, Epoch epoch);

}  // namespace amphora::transaction
