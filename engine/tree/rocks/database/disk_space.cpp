#include "tree/rocks/database/disk_space.hpp"

#include "base/system_error.hpp"

#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace amphora::rocks {

namespace {

/// Decides as ext4 does by default: root may use the kept blocks (unless the mount option `resuid`
/// names another user), and so may every process with CAP_SYS_RESOURCE.
bool may_use_kept_blocks() noexcept {
    if (::geteuid() == 0) return true;
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
    return (sets[CAP_TO_INDEX(CAP_SYS_RESOURCE)].effective & CAP_TO_MASK(CAP_SYS_RESOURCE)) != 0;
}

/// The free blocks that ext2, ext3 or ext4 keeps for privileged processes. No process can use the
/// last blocks of all, which the file system keeps for its own trees: one in fifty, at most 4096.
/// Here one in forty is assumed, because `f_blocks` does not count the blocks of the file system's
/// journal and tables.
std::uint64_t kept_blocks(int directory, const struct statvfs& space) noexcept {
    struct statfs kind {};
    if (::fstatfs(directory, &kind) != 0 || kind.f_type != EXT4_SUPER_MAGIC) return 0;
    const std::uint64_t own = std::min<std::uint64_t>(space.f_blocks / 40, 4096);
    if (space.f_bfree <= space.f_bavail + own || !may_use_kept_blocks()) return 0;
    return space.f_bfree - space.f_bavail - own;
}

}  // namespace

DiskSpace disk_space(int directory, const std::string& path) {
    struct statvfs space {};
    if (::fstatvfs(directory, &space) != 0) throw_system_error("fstatvfs", path);
    // A file system can also run out of files. One that does not count them reports zero.
    constexpr std::uint64_t files_min = 16;
    if (space.f_files != 0 && space.f_favail < files_min) return {};
    DiskSpace found{.free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize};
    found.privileged_bytes = kept_blocks(directory, space) * space.f_frsize;
    return found;
}

}  // namespace amphora::rocks
