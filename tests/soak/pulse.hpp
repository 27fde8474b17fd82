#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace amphora::soak {

/// A working process's regular report: what it did since the last one.
struct Pulse {
    struct Times {
        std::uint64_t count = 0;
        std::uint64_t p50_us = 0, p99_us = 0, p999_us = 0, max_us = 0;
    };
    Times writes, reads;
    std::uint64_t checks = 0;         ///< invariants that were looked at, since the start
    std::uint64_t backups = 0;        ///< that were made and restored, since the start
    std::uint64_t pending_bytes = 0;  ///< now, of both trees
    std::uint64_t journal_bytes = 0;  ///< now

    /// "p 1200 90 400 ...": one line, in the order above.
    [[nodiscard]] std::string to_line() const;
    [[nodiscard]] static std::optional<Pulse> from_line(const std::string& line);
};

}  // namespace amphora::soak
