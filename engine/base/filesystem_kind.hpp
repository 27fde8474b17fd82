#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amphora {

/// What to do on a file system that is shared over a network, where memory maps and locks cannot be
/// trusted.
enum class OnNetwork : std::uint8_t { refuse, accept };

/// Throws `unsupported_filesystem` if `directory` is on a file system that is shared over a
/// network.
void refuse_network_filesystem(const std::string& directory);

/// The name of a network file system, given statfs's number and the type that /proc/self/mountinfo
/// shows; nothing for local ones. FUSE counts as network unless the type is known to be local.
[[nodiscard]] std::optional<std::string_view> network_filesystem(
    std::uint64_t magic, std::string_view mount_type) noexcept;

}  // namespace amphora
