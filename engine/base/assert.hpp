#pragma once

namespace amphora {

/// Prints the broken expression and its place, then aborts. Never returns.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace amphora

/// An invariant of our own. On in every build: a storage engine that goes on after one of its own
/// invariants broke can only make things worse.
#define AMPHORA_ASSERT(expression)                        \
    (static_cast<bool>(expression) ? static_cast<void>(0) \
                                   : ::amphora::assertion_failed(#expression, __FILE__, __LINE__))

/// An invariant whose test costs as much as the work that it guards. On where AMPHORA_DEBUG is
/// defined, which the presets dev, asan and tsan do; off in release builds.
#ifdef AMPHORA_DEBUG
#define AMPHORA_DEBUG_ASSERT(expression) AMPHORA_ASSERT(expression)
#else
#define AMPHORA_DEBUG_ASSERT(expression) static_cast<void>(sizeof(static_cast<bool>(expression)))
#endif
