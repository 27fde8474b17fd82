#pragma once

#include <string>

namespace amphora {

/// Throws `unsupported_filesystem` if `directory` lies on a file system that is shared over a
/// network.
void refuse_network_filesystem(const std::string& directory);

}  // namespace amphora
