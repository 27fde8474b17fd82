#pragma once

#include <amphora/error.hpp>

namespace amphora::loading {

/// Whether an error concerns only the line, so that the other lines can still be loaded.
[[nodiscard]] bool is_about_the_line(ErrorCode code) noexcept;

}  // namespace amphora::loading
