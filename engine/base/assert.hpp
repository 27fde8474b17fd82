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
