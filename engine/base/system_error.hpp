#pragma once

#include <amphora/error.hpp>

#include <cerrno>
#include <string_view>

namespace amphora {

/// Turns a failed system call into an `Error`: `disk_full` for ENOSPC, EDQUOT and EFBIG, otherwise
/// `io_error`. The message names the call, the path and the system's reason.
[[noreturn]] void throw_system_error(std::string_view call, std::string_view path,
                                     int reason = errno);

/// Whether an error is one of the operating system, which may not occur the next time, and not one
/// of the bytes that were read. Code that looks for damage must distinguish the two.
[[nodiscard]] constexpr bool is_of_the_system(ErrorCode code) noexcept {
    return code == ErrorCode::io_error || code == ErrorCode::disk_full ||
           code == ErrorCode::needs_reopen;
}

}  // namespace amphora
