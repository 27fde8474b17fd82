#pragma once

#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace amphora {

[[noreturn]] void throw_no_thread(std::string_view purpose, const std::system_error& reason);

/// Starts a thread that does `work`; the handle's destructor joins it. Throws `io_error` where the
/// system has no more threads; the message names the purpose.
template <class Work>
[[nodiscard]] std::jthread start_thread(std::string_view purpose, Work&& work) {
    try {
        return std::jthread{std::forward<Work>(work)};
    } catch (const std::system_error& reason) {
        throw_no_thread(purpose, reason);
    }
}

}  // namespace amphora
