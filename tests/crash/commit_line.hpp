#pragma once

#include <amphora/types.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace amphora::crash {

/// What a victim says of a transaction that has returned; `Promises::heard` reads it.
///
///   s 2 17 4711 5     synced (w: written, b: buffered): thread 2 has done 17; commit 4711, epoch 5
[[nodiscard]] inline std::string commit_line(Durability durability, std::uint32_t thread,
                                             std::uint64_t done, const Commit& commit) {
    const char letter = durability == Durability::synced    ? 's'
                        : durability == Durability::written ? 'w'
                                                            : 'b';
    return fmt::format("{} {} {} {} {}", letter, thread, done,
                       static_cast<std::uint64_t>(commit.sequence),
                       static_cast<std::uint64_t>(commit.epoch));
}

}  // namespace amphora::crash
