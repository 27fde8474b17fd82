#pragma once

#include "base/bytes.hpp"

#include <amphora/bson_view.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::detail {

/// What is shown in the place of a value.
inline constexpr std::string_view mask_text = "***";

/// Paths of fields, each by its names from the outermost on.
using Paths = std::vector<std::span<const std::string>>;

/// As `to_json`, with the fields at the ends of the paths masked, also in the documents of arrays.
void append_masked(Buffer& json, DocumentView document, const Paths& paths);

}  // namespace amphora::detail
