#include "base/file.hpp"

#include "base/system_error.hpp"

#include <amphora/error.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

namespace amphora {
namespace {

class OperatingSystemFile final : public File {
  public:
    OperatingSystemFile(int descriptor, std::string path)
        : descriptor_{descriptor}, path_{std::move(path)} {}
    ~OperatingSystemFile() override { ::close(descriptor_); }
    OperatingSystemFile(const OperatingSystemFile&) = delete;
    OperatingSystemFile& operator=(const OperatingSystemFile&) = delete;

    Buffer read_at(std::uint64_t offset, std::size_t bytes) const override {
        Buffer buffer(bytes, '\0');
        std::size_t done = 0;
        while (done < bytes) {
            const ssize_t got = ::pread(descriptor_, buffer.data() + done, bytes - done,
                                        static_cast<off_t>(offset + done));
            if (got == 0) break;  // the end of the file
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) throw_system_error("pread", path_);
            done += static_cast<std::size_t>(got);
        }
        buffer.resize(done);
        return buffer;
    }

    void write_at(std::uint64_t offset, Bytes bytes) override {
        while (!bytes.empty()) {
            const ssize_t put =
                ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) throw_system_error("pwrite", path_);
            bytes.remove_prefix(static_cast<std::size_t>(put));
            offset += static_cast<std::uint64_t>(put);
        }
    }

    void sync() override {
        // EINTR is not retried: after a failed sync the kernel may have dropped the dirty pages,
        // and a second call would report a success that did not happen. Linux does not return EINTR
        // for fdatasync.
        if (::fdatasync(descriptor_) != 0) throw_system_error("fdatasync", path_);
    }

    void truncate(std::uint64_t bytes) override {
        while (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) {
            if (errno != EINTR) throw_system_error("ftruncate", path_);
        }
    }

    std::uint64_t size() const override {
        struct stat about {};
        if (::fstat(descriptor_, &about) != 0) throw_system_error("fstat", path_);
        return static_cast<std::uint64_t>(about.st_size);
    }

    const std::string& path() const noexcept override { return path_; }

  private:
    int descriptor_;
    std::string path_;
};

/// Where a name is looked up: a directory's descriptor and the rest of the path.
struct NameInDirectory {
    int directory;
    std::string name;
};

int open_descriptor(const NameInDirectory& place, const std::string& path, int flags) {
    for (;;) {
        const int descriptor =
            ::openat(place.directory, place.name.c_str(), flags | O_CLOEXEC, 0644);
        if (descriptor >= 0) return descriptor;
        if (errno != EINTR) throw_system_error("open", path);
    }
}

class OperatingSystemFiles final : public FileSystem {
  public:
    OperatingSystemFiles() = default;
    explicit OperatingSystemFiles(const std::string& anchored)
        : anchored_{anchored},
          anchor_{open_descriptor({AT_FDCWD, anchored}, anchored, O_RDONLY | O_DIRECTORY)} {}
    ~OperatingSystemFiles() override {
        if (anchor_ >= 0) ::close(anchor_);
    }
    OperatingSystemFiles(const OperatingSystemFiles&) = delete;
    OperatingSystemFiles& operator=(const OperatingSystemFiles&) = delete;

    std::unique_ptr<File> open(const std::string& path, OpenFile how) override {
        const int flags = how == OpenFile::existing_read_only ? O_RDONLY
                          : how == OpenFile::existing         ? O_RDWR
                                                              : O_RDWR | O_CREAT | O_EXCL;
        return std::make_unique<OperatingSystemFile>(open_descriptor(place_of(path), path, flags),
                                                     path);
    }

    bool exists(const std::string& path) const override {
        const NameInDirectory place = place_of(path);
        struct stat about {};
        if (::fstatat(place.directory, place.name.c_str(), &about, 0) == 0) return true;
        if (errno != ENOENT && errno != ENOTDIR) throw_system_error("stat", path);
        return false;
    }

    std::vector<std::string> list(const std::string& directory) const override {
        const int descriptor =
            open_descriptor(place_of(directory), directory, O_RDONLY | O_DIRECTORY);
        const std::unique_ptr<DIR, int (*)(DIR*)> open_directory(::fdopendir(descriptor),
                                                                 &::closedir);
        if (!open_directory) {
            const int reason = errno;
            ::close(descriptor);
            throw_system_error("opendir", directory, reason);
        }
        std::vector<std::string> names;
        for (;;) {
            errno = 0;
            const dirent* entry = ::readdir(open_directory.get());
            if (entry == nullptr) break;
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") names.emplace_back(name);
        }
        if (errno != 0) throw_system_error("readdir", directory);
        std::sort(names.begin(), names.end());
        return names;
    }

    void make_directory(const std::string& path) override {
        const NameInDirectory place = place_of(path);
        if (::mkdirat(place.directory, place.name.c_str(), 0755) == 0) return;
        const int reason = errno;
        struct stat about {};
        if (reason == EEXIST && ::fstatat(place.directory, place.name.c_str(), &about, 0) == 0 &&
            S_ISDIR(about.st_mode)) {
            return;
        }
        throw_system_error("mkdir", path, reason);
    }

    void rename(const std::string& from, const std::string& to) override {
        const NameInDirectory old_place = place_of(from), new_place = place_of(to);
        if (::renameat(old_place.directory, old_place.name.c_str(), new_place.directory,
                       new_place.name.c_str()) != 0) {
            throw_system_error("rename", from + " to " + to);
        }
    }

    void remove(const std::string& path) override {
        const NameInDirectory place = place_of(path);
        if (::unlinkat(place.directory, place.name.c_str(), 0) == 0) return;
        if (errno == EISDIR && ::unlinkat(place.directory, place.name.c_str(), AT_REMOVEDIR) == 0) {
            return;
        }
        throw_system_error("remove", path);
    }

    void sync_directory(const std::string& path) override {
        const int descriptor = open_descriptor(place_of(path), path, O_RDONLY | O_DIRECTORY);
        const int status = ::fsync(descriptor);
        const int reason = errno;
        ::close(descriptor);
        if (status != 0) throw_system_error("fsync", path, reason);
    }

    std::uint64_t free_bytes(const std::string& path) const override {
        struct statvfs about {};
        // Without opening it: this is asked when descriptors are short, too.
        while (::statvfs(followed(path).c_str(), &about) != 0) {
            if (errno != EINTR) throw_system_error("statvfs", path);
        }
        return std::uint64_t{about.f_bavail} * about.f_frsize;
    }

  private:
    [[nodiscard]] NameInDirectory place_of(const std::string& path) const {
        if (anchor_ < 0 || !path.starts_with(anchored_)) return {AT_FDCWD, path};
        if (path.size() == anchored_.size()) return {anchor_, "."};
        if (path[anchored_.size()] != '/') return {AT_FDCWD, path};
        return {anchor_, path.substr(anchored_.size() + 1)};
    }
    /// A path through the anchor's descriptor, for calls that take no descriptor; part of the path
    /// may be on another disk. Where /proc is not mounted, the path itself.
    [[nodiscard]] std::string followed(const std::string& path) const {
        const NameInDirectory place = place_of(path);
        if (place.directory == AT_FDCWD) return path;
        std::string through = fmt::format("/proc/self/fd/{}/{}", anchor_, place.name);
        return ::access(through.c_str(), F_OK) == 0 ? through : path;
    }

    std::string anchored_;
    int anchor_ = -1;
};

}  // namespace

FileSystem& operating_system_files() {
    static OperatingSystemFiles files;
    return files;
}

std::unique_ptr<FileSystem> files_anchored_at(const std::string& directory) {
    return std::make_unique<OperatingSystemFiles>(directory);
}

}  // namespace amphora
