#include "base/started_thread.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora {

void throw_no_thread(std::string_view purpose, const std::system_error& reason) {
    throw Error{ErrorCode::io_error,
                fmt::format("starting a thread for {}: {}; end something and try again", purpose,
                            reason.what())};
}

}  // namespace amphora
