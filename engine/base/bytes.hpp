#pragma once

#include <string>
#include <string_view>

namespace amphora {

/// Bytes that someone else keeps alive. Compares as memcmp does, which is the order of both trees.
using Bytes = std::string_view;

/// Bytes that are owned.
using Buffer = std::string;

}  // namespace amphora
