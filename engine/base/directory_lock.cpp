#include "base/directory_lock.hpp"

#include "base/filesystem_kind.hpp"
#include "base/system_error.hpp"

#include <amphora/error.hpp>

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <utility>

#include <fmt/format.h>

namespace amphora {
namespace {

using Place = std::pair<dev_t, ino_t>;

/// Descriptors of the lock file and of the directory. The file names the opener. The directory
/// cannot be removed while there are files in it; lock files are sometimes removed by people.
struct Descriptors {
    int file = -1;
    int directory = -1;

    void close() const noexcept {
        if (file >= 0) ::close(file);
        if (directory >= 0) ::close(directory);
    }
};

/// What this process holds. The descriptors are listed here so that a forked child can close its
/// copies: the lock belongs to the open file description, and the child's copy would keep it after
/// the parent has closed its own.
struct Registry {
    std::mutex mutex;
    std::map<Place, Descriptors> held;
};

Registry& registry() {
    static Registry* const one = [] {
        auto* made = new Registry;  // never freed: handles may be closed by static destructors
        ::pthread_atfork([] { registry().mutex.lock(); }, [] { registry().mutex.unlock(); },
                         [] {
                             for (auto& [place, descriptors] : registry().held) descriptors.close();
                             registry().held.clear();
                             registry().mutex.unlock();
                         });
        return made;
    }();
    return *one;
}

struct flock whole_file(short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

std::string holder_of(int descriptor) {
    char text[32] = {};
    const ssize_t got = ::pread(descriptor, text, sizeof text - 1, 0);
    std::string pid(text, got > 0 ? static_cast<std::size_t>(got) : 0);
    pid.erase(pid.find_last_not_of("\n\r ") + 1);
    return pid.empty() ? "unknown" : pid;
}

[[noreturn]] void in_use(const std::string& directory, const std::string& pid) {
    throw Error{ErrorCode::in_use, fmt::format("{}: in use by pid {}", directory, pid)};
}

/// Always of one length, so that it needs no more space than the pid before it. The pid is for
/// people only: on a full disk there may be no room for it.
void write_pid(int descriptor, const std::string& path) {
    const std::string text = fmt::format("{:<20}\n", ::getpid());
    const ssize_t put = ::pwrite(descriptor, text.data(), text.size(), 0);
    if (put == static_cast<ssize_t>(text.size())) return;
    const bool is_full = put >= 0 || errno == ENOSPC || errno == EDQUOT;
    if (is_full && ::ftruncate(descriptor, 0) == 0) return;
    throw_system_error("pwrite", path);
}

/// Whether the holder of the file's lock only reads.
bool is_held_by_readers(int descriptor) {
    struct flock lock = whole_file(F_WRLCK);
    return ::fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_RDLCK;
}

/// Readers may lack the permission to write the file.
int open_file(const std::string& path, Sharing sharing) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor >= 0 || sharing == Sharing::exclusive) return descriptor;
    const int reason = errno;
    const int readable = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    errno = reason;
    return readable;
}

/// 0, or the reason why the file cannot be opened.
int lock_file(const std::string& directory, Sharing sharing, int& descriptor) {
    const std::string path = directory + "/" + DirectoryLock::name;
    descriptor = open_file(path, sharing);
    if (descriptor < 0) {
        if (errno == EROFS || errno == EACCES || errno == EPERM) return errno;
        throw_system_error("open", path);
    }
    struct flock lock = whole_file(sharing == Sharing::exclusive ? F_WRLCK : F_RDLCK);
    if (::fcntl(descriptor, F_OFD_SETLK, &lock) == 0) return 0;
    if (errno != EAGAIN && errno != EACCES) throw_system_error("fcntl", path);
    if (is_held_by_readers(descriptor)) {
        throw Error{ErrorCode::in_use,
                    fmt::format("{}: in use by processes that have it open read-only", directory)};
    }
    in_use(directory, holder_of(descriptor));
}

/// False where directories cannot be locked (some network file systems): then the file's lock alone
/// is used.
bool lock_directory(const std::string& directory, Sharing sharing, int& descriptor) {
    descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) throw_system_error("open", directory);
    const int how = sharing == Sharing::exclusive ? LOCK_EX : LOCK_SH;
    if (::flock(descriptor, how | LOCK_NB) == 0) return true;
    if (errno == EWOULDBLOCK) {
        in_use(directory,
               "unknown: its file LOCK was removed while it was open, or cannot be "
               "written from here");
    }
    return false;
}

void lock(const std::string& directory, Sharing sharing, Descriptors& descriptors) {
    const int not_opened = lock_file(directory, sharing, descriptors.file);
    const bool by_directory = lock_directory(directory, sharing, descriptors.directory);
    const std::string path = directory + "/" + DirectoryLock::name;
    if (not_opened != 0) {
        if (!by_directory) throw_system_error("open", path, not_opened);
    } else if (sharing == Sharing::exclusive) {
        write_pid(descriptors.file, path);
    }
}

}  // namespace

struct DirectoryLock::Held {
    Place place;
    Descriptors descriptors;
    pid_t pid;
    std::string directory;
};

DirectoryLock::DirectoryLock(std::unique_ptr<Held> held) noexcept : held_{std::move(held)} {}
DirectoryLock::DirectoryLock(DirectoryLock&&) noexcept = default;

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
    std::swap(held_, other.held_);
    return *this;
}

DirectoryLock::~DirectoryLock() {
    if (!held_ || held_->pid != ::getpid()) return;  // a child's copy is closed already
    const std::lock_guard guard{registry().mutex};
    registry().held.erase(held_->place);
    // Unlocked first: a child that was forked a moment ago may not have closed its copy yet.
    struct flock lock = whole_file(F_UNLCK);
    ::fcntl(held_->descriptors.file, F_OFD_SETLK, &lock);
    ::flock(held_->descriptors.directory, LOCK_UN);
    held_->descriptors.close();
}

DirectoryLock DirectoryLock::acquire(const std::string& directory, OnNetwork on_network,
                                     Sharing sharing) {
    struct stat about {};
    if (::stat(directory.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) {
        throw Error{ErrorCode::not_a_database,
                    fmt::format("{}: there is no such directory", directory)};
    }
    if (on_network == OnNetwork::refuse) refuse_network_filesystem(directory);

    auto held =
        std::make_unique<Held>(Held{{about.st_dev, about.st_ino}, {}, ::getpid(), directory});
    const std::lock_guard guard{registry().mutex};
    if (registry().held.contains(held->place)) {
        in_use(directory, fmt::format("{} (this process)", ::getpid()));
    }
    try {
        lock(directory, sharing, held->descriptors);
        registry().held.emplace(held->place, held->descriptors);
    } catch (...) {
        held->descriptors.close();
        throw;
    }
    return DirectoryLock{std::move(held)};
}

void DirectoryLock::check_process() const {
    if (held_ && held_->pid != ::getpid()) {
        throw Error{
            ErrorCode::used_after_fork,
            fmt::format("{}: opened by pid {} and used by its child {}; exec first, or fork "
                        "before the first opening",
                        held_->directory, held_->pid, ::getpid())};
    }
}

std::optional<std::int64_t> pid_of_owner(const std::string& directory) {
    const std::string path = directory + "/" + DirectoryLock::name;
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    // Only the owner's lock is in the way of this one.
    struct flock lock = whole_file(F_RDLCK);
    std::optional<std::int64_t> pid;
    if (::fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK) {
        pid = std::strtoll(holder_of(descriptor).c_str(), nullptr, 10);
    }
    ::close(descriptor);
    return pid;
}

}  // namespace amphora
