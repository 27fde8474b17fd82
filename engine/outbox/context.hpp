#pragma once

#include "base/bytes.hpp"

#include <cstddef>

namespace amphora::outbox {

/// Who made a change and why. Each text is UTF-8 of at most `context_text_bytes_max` bytes, and may
/// be empty.
struct Context {
    Bytes origin{};       ///< the part of the application that made the change
    Bytes correlation{};  ///< the story to which the change belongs
    Bytes causation{};    ///< the change that caused this one
    bool operator==(const Context&) const = default;
};

inline constexpr std::size_t context_text_bytes_max = 255;

}  // namespace amphora::outbox
