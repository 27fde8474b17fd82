#pragma once

#include <string>

namespace amphora::demo {

/// Normalizes the city's restaurants (one JSON array of denormalized documents) into regions,
/// stores and inspections, each row and its document in one transaction. Prints counts, rates, the
/// rejected documents with reasons, and the answers to sample questions. Returns the exit code.
int load_restaurants(const std::string& file, const std::string& directory);

}  // namespace amphora::demo
