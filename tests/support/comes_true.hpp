#pragma once

#include <chrono>
#include <thread>

namespace amphora::support {

/// Waits for something that happens by itself; false after a time that is too long for any machine.
template <class Condition>
[[nodiscard]] bool comes_true(Condition&& condition, int seconds = 30) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{seconds};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return true;
}

}  // namespace amphora::support
