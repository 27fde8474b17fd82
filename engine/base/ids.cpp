#include "base/ids.hpp"

#include <amphora/error.hpp>

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace amphora {

Uuid make_uuid() {
    Uuid uuid;
    std::size_t filled = 0;
    while (filled < uuid.bytes.size()) {
        const ssize_t got = ::getrandom(uuid.bytes.data() + filled, uuid.bytes.size() - filled, 0);
        if (got > 0) {
            filled += static_cast<std::size_t>(got);
        } else if (errno != EINTR) {
            throw Error{ErrorCode::io_error,
                        fmt::format("getrandom: no random bytes for a new identity: {}",
                                    std::strerror(errno))};
        }
    }
    return uuid;
}

std::string to_string(const Uuid& uuid) {
    std::string text;
    text.reserve(2 * uuid.bytes.size());
    for (const std::uint8_t byte : uuid.bytes) {
        fmt::format_to(std::back_inserter(text), "{:02x}", byte);
    }
    return text;
}

}  // namespace amphora
