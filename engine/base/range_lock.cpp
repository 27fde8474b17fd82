#include "base/range_lock.hpp"

#include "base/system_error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace amphora {
namespace {

struct flock range(short type, std::uint64_t begin, std::uint64_t bytes) noexcept {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = static_cast<off_t>(begin);
    lock.l_len = static_cast<off_t>(bytes);
    return lock;
}

int open_or_throw(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (descriptor < 0) throw_system_error("open", path);
    return descriptor;
}

}  // namespace

RangeLock::RangeLock(std::string path)
    : path_{std::move(path)}, descriptor_{open_or_throw(path_, O_RDONLY)} {}

RangeLock::~RangeLock() {
    ::close(descriptor_);
}

void RangeLock::hold(std::uint64_t byte) {
    struct flock lock = range(F_RDLCK, byte, 1);
    if (::fcntl(descriptor_, F_OFD_SETLK, &lock) != 0) throw_system_error("fcntl", path_);
}

void RangeLock::release(std::uint64_t byte) noexcept {
    struct flock lock = range(F_UNLCK, byte, 1);
    ::fcntl(descriptor_, F_OFD_SETLK, &lock);
}

RangeLockQuestion::RangeLockQuestion(const std::string& path)
    : descriptor_{open_or_throw(path, O_RDWR | O_CREAT)} {}

RangeLockQuestion::~RangeLockQuestion() {
    ::close(descriptor_);
}

bool RangeLockQuestion::is_held(std::uint64_t begin, std::uint64_t end) const noexcept {
    struct flock lock = range(F_WRLCK, begin, end - begin);
    return ::fcntl(descriptor_, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

}  // namespace amphora
