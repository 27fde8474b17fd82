#pragma once

#include "workload/model.hpp"

#include <amphora/reader.hpp>

#include <span>
#include <string>
#include <vector>

namespace amphora::workload {

/// Everything in which the thread's part of the database differs from the model: rows and documents
/// in both directions, the results of each index, and the order of generated keys. Empty: they
/// agree.
[[nodiscard]] std::vector<std::string> compare(const Reader& reader, const Model& model);

/// As above for each, and that there is nothing outside of all ranges.
[[nodiscard]] std::vector<std::string> compare(const Reader& reader, std::span<const Model> models);

}  // namespace amphora::workload
