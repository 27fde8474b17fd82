#pragma once

#include <functional>
#include <string>

namespace amphora {

/// Takes one line, without its end, from any thread. May be empty: then nobody listens.
using Log = std::function<void(const std::string&)>;

}  // namespace amphora
