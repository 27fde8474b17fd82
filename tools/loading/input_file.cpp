#include "loading/input_file.hpp"

#include <amphora/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace amphora::loading {

namespace {

[[noreturn]] void fail(const char* doing, const std::string& path) {
    throw Error{ErrorCode::io_error,
                fmt::format("{} {}: {}", doing, path, std::generic_category().message(errno))};
}

}  // namespace

InputFile::InputFile(const std::string& path)
    : path_{path},
      descriptor_{path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)} {
    if (descriptor_ < 0) fail("opening", path_);
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail("looking at", path_);
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        fail("reading", path_);
    }
    if (S_ISREG(status.st_mode)) size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() {
    if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

std::size_t InputFile::read(char* to, std::size_t bytes) {
    ssize_t count = 0;
    do {
        count = ::read(descriptor_, to, bytes);
    } while (count < 0 && errno == EINTR);
    if (count < 0) fail("reading", path_);
    read_ += static_cast<std::uint64_t>(count);
    return static_cast<std::size_t>(count);
}

std::string read_all(const std::string& path) {
    InputFile file{path};
    std::string text;
    std::array<char, 65536> chunk;
    while (const std::size_t bytes = file.read(chunk.data(), chunk.size())) {
        text.append(chunk.data(), bytes);
    }
    return text;
}

}  // namespace amphora::loading
