#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>

namespace amphora::micro {

/// Reports the cost of one thing of many: `each`, in seconds. If it is the same at ten times the
/// size, the cost does not grow with the size.
inline void report_each(benchmark::State& state, std::uint64_t things_an_iteration) {
    using benchmark::Counter;
    state.counters["each"] =
        Counter(static_cast<double>(things_an_iteration),
                Counter::Flags(Counter::kIsIterationInvariantRate | Counter::kInvert));
}

/// Numbers in an order that suits no index; never the same twice.
[[nodiscard]] constexpr std::uint64_t scattered(std::uint64_t number) noexcept {
    return number * 0x9e3779b97f4a7c15ull;
}

}  // namespace amphora::micro
