#pragma once

#include <functional>
#include <string>

namespace amphora {

/// Takes one line, without its line end, from any thread. If empty, nothing is logged.
using Log = std::function<void(const std::string&)>;

}  // namespace amphora
