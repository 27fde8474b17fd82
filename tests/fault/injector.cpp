// A library for LD_PRELOAD that lets one call fail: the n-th write, sync, open ... of a file below
// a directory, or the n-th allocation, as AMPHORA_FAULT says ("write:EIO:17:1"). So the failure
// comes from below LMDB and RocksDB, as it would from the system.
//
// With AMPHORA_FAULT_UNTIL it ends, whatever the count, when that file is removed: a disk that is
// full until somebody makes room.
//
// It never allocates, and it calls the kernel and glibc's own allocator directly, so that nothing
// here passes through itself.

#include "fault/injection.hpp"

#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdarg>
#include <cstddef>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* memory, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
}

namespace {

using namespace amphora::fault;

constexpr std::size_t descriptors_max = 4096;

struct Injector {
    Injection injection;
    bool is_set = false;
    const char* below = nullptr;
    const char* until = nullptr;
    Tally own{};  // where nobody looks
    Tally* tally = &own;
    std::atomic<bool> has_begun{false};
    std::array<std::atomic<bool>, descriptors_max> is_below{};
};
constinit Injector injector;

/// The kernel's own.
void* map(void* wish, std::size_t bytes, int protection, int flags, int descriptor, off_t offset) {
    const long answer = ::syscall(SYS_mmap, wish, bytes, protection, flags, descriptor, offset);
    return reinterpret_cast<void*>(answer);  // NOLINT(performance-no-int-to-ptr): it is a number
}

__attribute__((constructor)) void read_environment() {
    if (const char* text = std::getenv("AMPHORA_FAULT")) {
        if (const auto injection = parse_injection(text)) {
            injector.injection = *injection;
            injector.is_set = true;
        }
    }
    injector.below = std::getenv("AMPHORA_FAULT_BELOW");
    injector.until = std::getenv("AMPHORA_FAULT_UNTIL");
    if (const char* path = std::getenv("AMPHORA_FAULT_TALLY")) {
        const auto file =
            static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC));
        void* const memory =
            map(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        ::syscall(SYS_close, file);
        if (memory != MAP_FAILED) injector.tally = static_cast<Tally*>(memory);
    }
    // The first one loads what it needs for it.
    std::array<void*, 4> frames{};
    ::backtrace(frames.data(), static_cast<int>(frames.size()));
}

bool is_below(int descriptor) {
    return descriptor >= 0 && static_cast<std::size_t>(descriptor) < descriptors_max &&
           injector.is_below[static_cast<std::size_t>(descriptor)];
}

bool is_below(const char* path) {
    if (injector.below == nullptr || path == nullptr) return false;
    // A directory by its descriptor: /proc/self/fd/12/000007.sst.
    constexpr std::string_view descriptors{"/proc/self/fd/"};
    if (std::strncmp(path, descriptors.data(), descriptors.size()) == 0) {
        return is_below(std::atoi(path + descriptors.size()));
    }
    return std::strncmp(path, injector.below, std::strlen(injector.below)) == 0;
}

bool is_below(int directory, const char* path) {
    const bool is_relative = directory != AT_FDCWD && path != nullptr && path[0] != '/';
    return is_relative ? is_below(directory) : is_below(path);
}

bool is_over() {
    return injector.until != nullptr &&
           ::syscall(SYS_faccessat, AT_FDCWD, injector.until, F_OK) != 0;
}

/// Where it was, into the victim's log; without allocations.
void say_where() {
    std::array<void*, 40> frames{};
    const int count = ::backtrace(frames.data(), static_cast<int>(frames.size()));
    constexpr std::string_view title{"the fault comes here:\n"};
    ::syscall(SYS_write, STDERR_FILENO, title.data(), title.size());
    ::backtrace_symbols_fd(frames.data(), count, STDERR_FILENO);
}

/// Counts a call. True: it is the one; errno is set.
bool fails(Call call) {
    if (!injector.has_begun.load(std::memory_order_relaxed)) return false;
    const std::uint64_t number = injector.tally->calls[static_cast<std::size_t>(call)].fetch_add(
                                     1, std::memory_order_relaxed) +
                                 1;
    if (!injector.is_set || call != injector.injection.call) return false;
    if (number < injector.injection.first) return false;
    if (number - injector.injection.first >= injector.injection.times || is_over()) return false;
    if (injector.tally->failed.fetch_add(1) == 0) say_where();
    if (injector.injection.outcome.error == ends_process) {
        ::syscall(SYS_kill, ::getpid(), SIGKILL);
    }
    errno = injector.injection.outcome.error;
    return true;
}
bool fails_short() {
    return injector.injection.outcome.error == 0;
}

int opened(long outcome, bool below) {
    if (outcome >= 0 && static_cast<std::size_t>(outcome) < descriptors_max) {
        injector.is_below[static_cast<std::size_t>(outcome)] = below;
    }
    return static_cast<int>(outcome);
}

int open_below(const char* path, int flags, mode_t mode) {
    const bool below = is_below(path);
    if (below && fails(Call::open)) return -1;
    return opened(::syscall(SYS_openat, AT_FDCWD, path, flags, mode), below);
}

mode_t mode_in(int flags, va_list& more) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(more, int)) : 0;
}

/// Of vectors: the first piece of the first one.
ssize_t half_of_first(int descriptor, const iovec* pieces, off_t offset, long call) {
    const std::size_t half = (pieces[0].iov_len + 1) / 2;
    return ::syscall(call, descriptor, pieces[0].iov_base, half, offset);
}

}  // namespace

extern "C" {

void amphora_faults_begin() {
    injector.has_begun = true;
}

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
    if (is_below(descriptor) && fails(Call::write)) {
        if (!fails_short()) return -1;
        count = (count + 1) / 2;
    }
    return ::syscall(SYS_write, descriptor, bytes, count);
}
ssize_t pwrite(int descriptor, const void* bytes, std::size_t count, off_t offset) {
    if (is_below(descriptor) && fails(Call::write)) {
        if (!fails_short()) return -1;
        count = (count + 1) / 2;
    }
    return ::syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void* bytes, std::size_t count, off_t offset) {
    return pwrite(descriptor, bytes, count, offset);
}
ssize_t writev(int descriptor, const iovec* pieces, int count) {
    if (is_below(descriptor) && fails(Call::write)) {
        return fails_short() ? half_of_first(descriptor, pieces, 0, SYS_write) : -1;
    }
    return ::syscall(SYS_writev, descriptor, pieces, count);
}
ssize_t pwritev(int descriptor, const iovec* pieces, int count, off_t offset) {
    if (is_below(descriptor) && fails(Call::write)) {
        return fails_short() ? half_of_first(descriptor, pieces, offset, SYS_pwrite64) : -1;
    }
    return ::syscall(SYS_pwritev, descriptor, pieces, count, offset, 0);
}
ssize_t pwritev64(int descriptor, const iovec* pieces, int count, off_t offset) {
    return pwritev(descriptor, pieces, count, offset);
}

ssize_t read(int descriptor, void* bytes, std::size_t count) {
    if (is_below(descriptor) && fails(Call::read)) {
        if (!fails_short()) return -1;
        count = (count + 1) / 2;
    }
    return ::syscall(SYS_read, descriptor, bytes, count);
}
ssize_t pread(int descriptor, void* bytes, std::size_t count, off_t offset) {
    if (is_below(descriptor) && fails(Call::read)) {
        if (!fails_short()) return -1;
        count = (count + 1) / 2;
    }
    return ::syscall(SYS_pread64, descriptor, bytes, count, offset);
}
ssize_t pread64(int descriptor, void* bytes, std::size_t count, off_t offset) {
    return pread(descriptor, bytes, count, offset);
}

int fsync(int descriptor) {
    if (is_below(descriptor) && fails(Call::sync)) return -1;
    return static_cast<int>(::syscall(SYS_fsync, descriptor));
}
int fdatasync(int descriptor) {
    if (is_below(descriptor) && fails(Call::sync)) return -1;
    return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}
int sync_file_range(int descriptor, off64_t offset, off64_t bytes, unsigned flags) {
    // Without flags it asks whether the call exists, which no disk can refuse; RocksDB asserts it.
    if (flags != 0 && is_below(descriptor) && fails(Call::sync)) return -1;
    return static_cast<int>(::syscall(SYS_sync_file_range, descriptor, offset, bytes, flags));
}
int msync(void* memory, std::size_t bytes, int flags) {
    if (fails(Call::sync)) return -1;
    return static_cast<int>(::syscall(SYS_msync, memory, bytes, flags));
}

int open(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = mode_in(flags, more);
    va_end(more);
    return open_below(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = mode_in(flags, more);
    va_end(more);
    return open_below(path, flags, mode);
}
int __open_2(const char* path, int flags) {
    return open_below(path, flags, 0);
}
int __open64_2(const char* path, int flags) {
    return open_below(path, flags, 0);
}
int openat(int directory, const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = mode_in(flags, more);
    va_end(more);
    const bool below = is_below(directory, path);
    if (below && fails(Call::open)) return -1;
    return opened(::syscall(SYS_openat, directory, path, flags, mode), below);
}
int openat64(int directory, const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = mode_in(flags, more);
    va_end(more);
    return openat(directory, path, flags, mode);
}

int rename(const char* from, const char* to) {
    if (is_below(to) && fails(Call::rename)) return -1;
    return static_cast<int>(::syscall(SYS_rename, from, to));
}
int renameat(int from_directory, const char* from, int to_directory, const char* to) {
    if (is_below(to_directory, to) && fails(Call::rename)) return -1;
    return static_cast<int>(::syscall(SYS_renameat, from_directory, from, to_directory, to));
}
int mkdirat(int directory, const char* path, mode_t mode) {
    if (is_below(directory, path) && fails(Call::name)) return -1;
    return static_cast<int>(::syscall(SYS_mkdirat, directory, path, mode));
}
int mkdir(const char* path, mode_t mode) {
    if (is_below(path) && fails(Call::name)) return -1;
    return static_cast<int>(::syscall(SYS_mkdir, path, mode));
}
int unlink(const char* path) {
    if (is_below(path) && fails(Call::name)) return -1;
    return static_cast<int>(::syscall(SYS_unlink, path));
}
int unlinkat(int directory, const char* path, int flags) {
    if (is_below(directory, path) && fails(Call::name)) return -1;
    return static_cast<int>(::syscall(SYS_unlinkat, directory, path, flags));
}
int rmdir(const char* path) {
    if (is_below(path) && fails(Call::name)) return -1;
    return static_cast<int>(::syscall(SYS_rmdir, path));
}
int link(const char* from, const char* to) {
    if (is_below(to) && fails(Call::name)) return -1;
    return static_cast<int>(::syscall(SYS_link, from, to));
}

int ftruncate(int descriptor, off_t bytes) {
    if (is_below(descriptor) && fails(Call::size)) return -1;
    return static_cast<int>(::syscall(SYS_ftruncate, descriptor, bytes));
}
int ftruncate64(int descriptor, off_t bytes) {
    return ftruncate(descriptor, bytes);
}
int fallocate(int descriptor, int mode, off_t offset, off_t bytes) {
    if (is_below(descriptor) && fails(Call::size)) return -1;
    return static_cast<int>(::syscall(SYS_fallocate, descriptor, mode, offset, bytes));
}
int fallocate64(int descriptor, int mode, off_t offset, off_t bytes) {
    return fallocate(descriptor, mode, offset, bytes);
}
int posix_fallocate(int descriptor, off_t offset, off_t bytes) {
    return fallocate(descriptor, 0, offset, bytes) == 0 ? 0 : errno;
}

void* mmap(void* wish, std::size_t bytes, int protection, int flags, int descriptor, off_t offset) {
    if (fails(Call::map)) return MAP_FAILED;
    return map(wish, bytes, protection, flags, descriptor, offset);
}
void* mmap64(void* wish, std::size_t bytes, int protection, int flags, int descriptor,
             off_t offset) {
    return mmap(wish, bytes, protection, flags, descriptor, offset);
}

void* malloc(std::size_t bytes) {
    return fails(Call::allocation) ? nullptr : __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) {
    return fails(Call::allocation) ? nullptr : __libc_calloc(count, bytes);
}
void* realloc(void* memory, std::size_t bytes) {
    return fails(Call::allocation) ? nullptr : __libc_realloc(memory, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
    return fails(Call::allocation) ? nullptr : __libc_memalign(alignment, bytes);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
    if (fails(Call::allocation)) return ENOMEM;
    *memory = __libc_memalign(alignment, bytes);
    return *memory == nullptr ? ENOMEM : 0;
}

}  // extern "C"
