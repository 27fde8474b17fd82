#pragma once

#include <cerrno>
#include <string_view>

namespace amphora {

/// Turns a failed system call into an `Error`: `disk_full` for ENOSPC, EDQUOT and EFBIG, otherwise
/// `io_error`. The message names the call, the path and the system's reason.
[[noreturn]] void throw_system_error(std::string_view call, std::string_view path,
                                     int reason = errno);

}  // namespace amphora
