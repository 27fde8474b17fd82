#pragma once

#include "workload/model.hpp"

#include <amphora/database.hpp>

#include <cstdint>

/// Owners and notes that are written once and never change. The workload keeps some dozens of
/// documents, which is one block of one table file; these make it many files.
namespace amphora::corruption {

/// All of it, in the range of a thread of its own.
[[nodiscard]] workload::Model ballast();

/// Writes every `parts`-th note, beginning with `part`, so that the keys of the parts overlap. The
/// first part has the owners.
void insert_ballast(Database& database, std::uint64_t part, std::uint64_t parts);

}  // namespace amphora::corruption
