#pragma once

namespace amphora {

/// Prints the broken expression and its place in the source, then aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace amphora

/// An invariant of our own. Tested in every build: after one of its own invariants is broken, a
/// storage engine can only do more damage by continuing.
#define AMPHORA_ASSERT(expression)                        \
    (static_cast<bool>(expression) ? static_cast<void>(0) \
                                   : ::amphora::assertion_failed(#expression, __FILE__, __LINE__))

/// An invariant whose test costs as much as the work that it guards. Tested where AMPHORA_DEBUG is
/// defined, as in the presets dev, asan and tsan; not in release builds.
#ifdef AMPHORA_DEBUG
#define AMPHORA_DEBUG_ASSERT(expression) AMPHORA_ASSERT(expression)
#else
#define AMPHORA_DEBUG_ASSERT(expression) static_cast<void>(sizeof(static_cast<bool>(expression)))
#endif
