#include "base/wake_descriptor.hpp"

#include "base/system_error.hpp"

#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

namespace amphora {

WakeDescriptor::WakeDescriptor() : number_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    if (number_ < 0) throw_system_error("eventfd", "a feed");
}

WakeDescriptor::~WakeDescriptor() {
    ::close(number_);
}

void WakeDescriptor::signal() const noexcept {
    const std::uint64_t one = 1;
    // It fails only if 2^64 - 2 signals were not cleared, and is readable then.
    [[maybe_unused]] const auto written = ::write(number_, &one, sizeof one);
}

void WakeDescriptor::clear() const noexcept {
    std::uint64_t signals = 0;
    // It fails only if there were none.
    [[maybe_unused]] const auto read = ::read(number_, &signals, sizeof signals);
}

}  // namespace amphora
