#include "cli/line_output.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace amphora::cli {

LineOutput::LineOutput() : before_{std::signal(SIGPIPE, SIG_IGN)} {}

LineOutput::~LineOutput() {
    if (before_ != SIG_ERR) std::signal(SIGPIPE, before_);
}

bool LineOutput::write(std::string_view line) {
    // Not through stdio, which would try again at the end what a closed pipe has refused.
    buffer_.assign(line);
    buffer_ += '\n';
    for (std::string_view rest = buffer_; !rest.empty();) {
        const ::ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (written >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EPIPE) {
            return false;
        } else if (errno != EINTR) {
            throw Error{
                ErrorCode::io_error,
                fmt::format("the standard output could not be written: {}", std::strerror(errno))};
        }
    }
    return true;
}

}  // namespace amphora::cli
