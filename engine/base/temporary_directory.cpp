#include "base/temporary_directory.hpp"

#include "base/system_error.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

namespace amphora {
namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

void remove_entry(int directory, const char* name) noexcept;

/// Takes ownership of the descriptor.
void remove_contents(int descriptor) noexcept {
    DIR* const directory = ::fdopendir(descriptor);
    if (directory == nullptr) {
        ::close(descriptor);
        return;
    }
    while (const dirent* const entry = ::readdir(directory)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") remove_entry(::dirfd(directory), entry->d_name);
    }
    ::closedir(directory);
}

void remove_entry(int directory, const char* name) noexcept {
    if (::unlinkat(directory, name, 0) == 0) return;
    const int inner = ::openat(directory, name, directory_flags);
    if (inner < 0) return;
    remove_contents(inner);
    ::unlinkat(directory, name, AT_REMOVEDIR);
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
    std::error_code failed;
    path_ = (std::filesystem::temp_directory_path(failed) / "amphora-XXXXXX").string();
    if (failed) throw_system_error("stat", path_, failed.value());
    if (::mkdtemp(path_.data()) == nullptr) throw_system_error("mkdtemp", path_);
    descriptor_ = ::open(path_.c_str(), directory_flags);
    if (descriptor_ >= 0) return;
    const int reason = errno;
    ::rmdir(path_.c_str());
    throw_system_error("open", path_, reason);
}

TemporaryDirectory::~TemporaryDirectory() {
    remove_contents(::openat(descriptor_, ".", directory_flags));
    remove_name(path_.c_str());
    std::array<char, sizeof "/proc/self/fd/2147483647"> link{};
    fmt::format_to_n(link.data(), link.size() - 1, "/proc/self/fd/{}", descriptor_);
    std::array<char, PATH_MAX> moved_to{};
    if (::readlink(link.data(), moved_to.data(), moved_to.size() - 1) > 0) {
        remove_name(moved_to.data());
    }
    ::close(descriptor_);
}

/// Between the comparison and the removal another directory may take the name; rmdir can then
/// remove it only if it is empty.
void TemporaryDirectory::remove_name(const char* path) const noexcept {
    struct stat own {};
    struct stat there {};
    if (::fstat(descriptor_, &own) != 0 || ::lstat(path, &there) != 0) return;
    if (own.st_dev == there.st_dev && own.st_ino == there.st_ino) ::rmdir(path);
}

}  // namespace amphora
