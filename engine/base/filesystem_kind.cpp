#include "base/filesystem_kind.hpp"

#include "base/system_error.hpp"

#include <amphora/error.hpp>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <array>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace amphora {
namespace {

// From linux/magic.h, and from the sources of the file systems that are not in it.
constexpr std::uint64_t magic_fuse = 0x65735546;
struct Kind {
    std::uint64_t magic;
    std::string_view name;
};
constexpr std::array network_kinds{
    Kind{0x6969, "NFS"},       Kind{0x517B, "SMB"},        Kind{0xFE534D42, "SMB2"},
    Kind{0xFF534D42, "CIFS"},  Kind{0x01021997, "9p"},     Kind{0x00C36400, "Ceph"},
    Kind{0x5346414F, "AFS"},   Kind{0x6B414653, "AFS"},    Kind{0x73757245, "Coda"},
    Kind{0x564C, "NCP"},       Kind{0x0BD00BD0, "Lustre"}, Kind{0x7461636F, "OCFS2"},
    Kind{0x47504653, "GPFS"},  Kind{0x19830326, "BeeGFS"}, Kind{0x01161970, "GFS2"},
    Kind{0xAAD7AAEA, "PanFS"}, Kind{0xA501FCF5, "VxFS"},   Kind{0x20030528, "OrangeFS"},
};

/// The type column of the mount that holds `device`, for example "fuse.sshfs"; empty if not found.
/// A line of /proc/self/mountinfo: "36 35 98:0 / /mnt rw - ext3 /dev/root rw".
std::string mount_type_of(dev_t device) {
    const std::string wanted = fmt::format("{}:{}", major(device), minor(device));
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream columns(line);
        std::string id, parent, numbers, column;
        columns >> id >> parent >> numbers;
        if (numbers != wanted) continue;
        while (columns >> column && column != "-") {
        }
        columns >> column;
        return column;
    }
    return {};
}

}  // namespace

std::optional<std::string_view> network_filesystem(std::uint64_t magic,
                                                   std::string_view mount_type) noexcept {
    if (magic == magic_fuse) {
        // Unknown FUSE servers count as remote, because the best known ones are.
        const bool local = mount_type == "fuseblk" || mount_type == "fuse.fuse-overlayfs" ||
                           mount_type == "fuse.ntfs-3g" || mount_type == "fuse.bindfs" ||
                           mount_type == "fuse.gocryptfs" || mount_type == "fuse.encfs";
        if (local) return std::nullopt;
        return "FUSE";
    }
    for (const Kind& kind : network_kinds) {
        if (kind.magic == magic) return kind.name;
    }
    return std::nullopt;
}

void refuse_network_filesystem(const std::string& directory) {
    struct statfs about {};
    struct stat place {};
    if (::statfs(directory.c_str(), &about) != 0) throw_system_error("statfs", directory);
    if (::stat(directory.c_str(), &place) != 0) throw_system_error("stat", directory);
    // f_type is signed on some machines: only its lower 32 bits are the number.
    const std::uint64_t magic = static_cast<std::uint32_t>(about.f_type);
    const std::string mount_type =
        magic == magic_fuse ? mount_type_of(place.st_dev) : std::string{};
    if (const auto kind = network_filesystem(magic, mount_type)) {
        throw Error{
            ErrorCode::unsupported_filesystem,
            fmt::format("{}: is on {}{}{}, where memory maps and locks cannot be trusted; use a "
                        "local disk, or force it if you know better",
                        directory, *kind, mount_type.empty() ? "" : " ", mount_type)};
    }
}

}  // namespace amphora
