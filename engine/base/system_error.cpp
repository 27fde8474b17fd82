#include "base/system_error.hpp"

#include <system_error>

#include <fmt/format.h>

namespace amphora {

void throw_system_error(std::string_view call, std::string_view path, int reason) {
    const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
    throw Error{full ? ErrorCode::disk_full : ErrorCode::io_error,
                fmt::format("{} {}: {}", call, path, std::generic_category().message(reason))};
}

}  // namespace amphora
