#include "tree/rocks/database/reserve_file.hpp"

#include "tree/rocks/database/disk_space.hpp"
#include "tree/rocks/database/rocks_options.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>

namespace amphora::rocks {

namespace {

constexpr std::uint64_t stat_block_bytes = 512;

}  // namespace

ReserveFile::ReserveFile(int directory) noexcept
    : file_{directory < 0 ? -1
                          : ::openat(directory, reserve_name,
                                     O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)} {
    struct stat about {};
    if (file_ < 0 || ::fstat(file_, &about) != 0 || !S_ISREG(about.st_mode)) {
        close();
        return;
    }
    // A copy of the file may have its length without its blocks.
    const auto length = static_cast<std::uint64_t>(about.st_size);
    bytes_ = std::min(length, static_cast<std::uint64_t>(about.st_blocks) * stat_block_bytes);
    if (bytes_ < length) shrink_to(bytes_);
}

ReserveFile::~ReserveFile() {
    close();
}

void ReserveFile::close() noexcept {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
    bytes_ = 0;
}

void ReserveFile::grow_to(std::uint64_t bytes) noexcept {
    if (file_ < 0 || bytes <= bytes_) return;
    const int status = ::fallocate(file_, 0, 0, static_cast<off_t>(bytes));
    if (status == 0) {
        bytes_ = bytes;
    } else if (errno == EOPNOTSUPP || errno == ENOSYS) {
        close();
    } else {
        // Some file systems keep what they had allocated before the room ended.
        shrink_to(bytes_);
    }
}

void ReserveFile::shrink_to(std::uint64_t bytes) noexcept {
    if (file_ < 0) return;
    if (::ftruncate(file_, static_cast<off_t>(bytes)) == 0) bytes_ = bytes;
}

void ReserveFile::give(std::uint64_t bytes, std::uint64_t left_bytes) noexcept {
    constexpr std::uint64_t piece_bytes = 64u << 10;
    const std::uint64_t left = bytes_ > bytes ? bytes_ - bytes : 0;
    const std::uint64_t wanted = std::max(left / piece_bytes * piece_bytes, left_bytes);
    if (wanted < bytes_) shrink_to(wanted);
}

void make_room_to_open(int directory) noexcept {
    constexpr std::uint64_t enough = 192u << 10;
    std::uint64_t available = 0;
    try {
        available = disk_space(directory, "").for_removals();
    } catch (const std::exception&) {  // the opening that follows reports it
        return;
    }
    if (available < enough) ReserveFile{directory}.give(enough - available);
}

}  // namespace amphora::rocks
