// A library that is loaded below a process (LD_PRELOAD) and logs everything that it does to the
// files of one directory: record.hpp says how. Calls do their work as always; the log is what is
// new.
//
// Not recorded: sync_file_range and msync, which promise nothing that a file system must keep. What
// cannot be followed, such as a file changed through memory, is logged as an offence. That nothing
// was missed is not believed but checked: PowerRun replays the whole log and compares the outcome
// with the directory.

#include "power/recorder_log.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace {

using amphora::power::RecorderLog;
using amphora::power::RecordKind;
using Watch = RecorderLog::Watch;

RecorderLog& recorder() {
    return RecorderLog::of_process();
}

/// The function that would have been called without us.
template <class Function>
Function* next(const char* name) {
    void* const found = ::dlsym(RTLD_NEXT, name);
    if (found == nullptr) std::abort();
    return reinterpret_cast<Function*>(found);
}
#define AMPHORA_NEXT(name) static auto* const next_##name = next<decltype(::name)>(#name)

bool is_watched_file(int descriptor) {
    return recorder().watch(descriptor) == Watch::file;
}

/// Logs a call before and after; `call` returns what it returns.
template <class Call>
auto recorded(RecordKind kind, int descriptor, std::uint64_t argument, std::string_view data,
              Call&& call) {
    const std::uint64_t number = recorder().append(kind, descriptor, argument, data);
    const auto result = call();
    const int reason = errno;
    recorder().append_returned(number, static_cast<std::int64_t>(result));
    errno = reason;
    return result;
}

/// Logs a change of names as one thing: `call` returns 0 if it happened.
template <class Call>
int renamed(RecordKind kind, const std::string& names, Call&& call) {
    const std::lock_guard lock{recorder().names()};
    const int result = call();
    const int reason = errno;
    if (result == 0 && !names.empty()) recorder().append(kind, -1, 0, names);
    errno = reason;
    return result;
}

std::string both(const std::string& from, const std::string& to) {
    if (from.empty() != to.empty()) recorder().append_offence("moved in or out:", from + to);
    return from.empty() || to.empty() ? std::string{} : from + '\0' + to;
}

template <class Call>
int opened(int directory, const char* path, int flags, Call&& call) {
    const std::string name = recorder().watched(directory, path);
    if (name.empty()) {
        const int descriptor = call();
        recorder().set_watch(descriptor, Watch::no);
        return descriptor;
    }
    const std::lock_guard lock{recorder().names()};
    const int descriptor = call();
    const int reason = errno;
    if (descriptor >= 0) {
        struct stat about {};
        ::fstat(descriptor, &about);
        recorder().set_watch(descriptor, S_ISDIR(about.st_mode) ? Watch::directory : Watch::file);
        recorder().append(RecordKind::open, descriptor, static_cast<std::uint64_t>(flags), name);
    }
    errno = reason;
    return descriptor;
}

/// The third argument, where there is one.
mode_t mode_of(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

int open_and_record(const char* path, int flags, mode_t mode) {
    AMPHORA_NEXT(open);
    return opened(AT_FDCWD, path, flags, [&] { return next_open(path, flags, mode); });
}
int openat_and_record(int directory, const char* path, int flags, mode_t mode) {
    AMPHORA_NEXT(openat);
    return opened(directory, path, flags,
                  [&] { return next_openat(directory, path, flags, mode); });
}

int duplicated(int from, int to) {
    const int reason = errno;
    if (to >= 0 && to != from) {
        recorder().set_watch(to, recorder().watch(from));
        if (recorder().watch(from) != Watch::no) {
            recorder().append(RecordKind::duplicate, from, static_cast<std::uint64_t>(to));
        }
    }
    errno = reason;
    return to;
}

/// Where a write without an offset goes.
std::uint64_t position_of(int descriptor) {
    const bool appends = (::fcntl(descriptor, F_GETFL) & O_APPEND) != 0;
    return static_cast<std::uint64_t>(::lseek(descriptor, 0, appends ? SEEK_END : SEEK_CUR));
}

std::string gathered(const iovec* parts, int count) {
    std::string bytes;
    for (int at = 0; at < count; ++at) {
        bytes.append(static_cast<const char*>(parts[at].iov_base), parts[at].iov_len);
    }
    return bytes;
}

template <class Call>
ssize_t written(int descriptor, std::uint64_t offset, std::string_view bytes, Call&& call) {
    return recorded(RecordKind::write, descriptor, offset, bytes, call);
}

template <class Call>
int allocated(int descriptor, int mode, off_t offset, off_t length, Call&& call) {
    if (!is_watched_file(descriptor) || mode == FALLOC_FL_KEEP_SIZE) return call();
    const auto begin = static_cast<std::uint64_t>(offset);
    const auto bytes = static_cast<std::uint64_t>(length);
    if (mode == 0) return recorded(RecordKind::grow, descriptor, begin + bytes, {}, call);
    if (mode == (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)) {
        const std::string_view data{reinterpret_cast<const char*>(&bytes), sizeof bytes};
        return recorded(RecordKind::clear, descriptor, begin, data, call);
    }
    recorder().append_offence("fallocate with mode", std::to_string(mode));
    return call();
}

void* mapped(void* at, std::size_t bytes, int protection, int flags, int descriptor, off_t offset) {
    AMPHORA_NEXT(mmap);
    const bool writes = (flags & MAP_SHARED) != 0 && (protection & PROT_WRITE) != 0;
    if (writes && is_watched_file(descriptor)) recorder().append(RecordKind::map, descriptor, 0);
    return next_mmap(at, bytes, protection, flags, descriptor, offset);
}

std::FILE* stream(const char* path, const char* mode,
                  std::FILE* (*call)(const char*, const char*)) {
    if (std::strcspn(mode, "wa+") < std::strlen(mode)) {
        const std::string name = recorder().watched(AT_FDCWD, path);
        if (!name.empty()) recorder().append_offence("a stream writes", name);
    }
    return call(path, mode);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_and_record(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_and_record(path, flags, mode);
}
int openat(int directory, const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return openat_and_record(directory, path, flags, mode);
}
int openat64(int directory, const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return openat_and_record(directory, path, flags, mode);
}
// What programs built with _FORTIFY_SOURCE call.
int __open_2(const char* path, int flags) {
    return open_and_record(path, flags, 0);
}
int __open64_2(const char* path, int flags) {
    return open_and_record(path, flags, 0);
}
int __openat_2(int directory, const char* path, int flags) {
    return openat_and_record(directory, path, flags, 0);
}
int __openat64_2(int directory, const char* path, int flags) {
    return openat_and_record(directory, path, flags, 0);
}
int creat(const char* path, mode_t mode) {
    return open_and_record(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char* path, mode_t mode) {
    return open_and_record(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
std::FILE* fopen(const char* path, const char* mode) {
    AMPHORA_NEXT(fopen);
    return stream(path, mode, next_fopen);
}
std::FILE* fopen64(const char* path, const char* mode) {
    AMPHORA_NEXT(fopen64);
    return stream(path, mode, next_fopen64);
}

int close(int descriptor) {
    AMPHORA_NEXT(close);
    if (recorder().watch(descriptor) == Watch::no) return next_close(descriptor);
    const std::lock_guard lock{recorder().names()};
    recorder().append(RecordKind::close, descriptor, 0);
    recorder().set_watch(descriptor, Watch::no);
    return next_close(descriptor);
}
int dup(int descriptor) noexcept {
    AMPHORA_NEXT(dup);
    const std::lock_guard lock{recorder().names()};
    return duplicated(descriptor, next_dup(descriptor));
}
int dup2(int from, int to) noexcept {
    AMPHORA_NEXT(dup2);
    const std::lock_guard lock{recorder().names()};
    return duplicated(from, next_dup2(from, to));
}
int dup3(int from, int to, int flags) noexcept {
    AMPHORA_NEXT(dup3);
    const std::lock_guard lock{recorder().names()};
    return duplicated(from, next_dup3(from, to, flags));
}

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
    AMPHORA_NEXT(write);
    const std::string_view data{static_cast<const char*>(bytes), count};
    // Before the call: whoever hears it may act on it at once.
    if (descriptor == STDOUT_FILENO) recorder().append(RecordKind::say, descriptor, 0, data);
    if (!is_watched_file(descriptor)) return next_write(descriptor, bytes, count);
    return written(descriptor, position_of(descriptor), data,
                   [&] { return next_write(descriptor, bytes, count); });
}
ssize_t pwrite(int descriptor, const void* bytes, std::size_t count, off_t offset) {
    AMPHORA_NEXT(pwrite);
    const auto call = [&] { return next_pwrite(descriptor, bytes, count, offset); };
    if (!is_watched_file(descriptor)) return call();
    return written(descriptor, static_cast<std::uint64_t>(offset),
                   {static_cast<const char*>(bytes), count}, call);
}
ssize_t pwrite64(int descriptor, const void* bytes, std::size_t count, off64_t offset) {
    return ::pwrite(descriptor, bytes, count, offset);
}
ssize_t writev(int descriptor, const iovec* parts, int count) {
    AMPHORA_NEXT(writev);
    const auto call = [&] { return next_writev(descriptor, parts, count); };
    if (!is_watched_file(descriptor)) return call();
    return written(descriptor, position_of(descriptor), gathered(parts, count), call);
}
ssize_t pwritev(int descriptor, const iovec* parts, int count, off_t offset) {
    AMPHORA_NEXT(pwritev);
    const auto call = [&] { return next_pwritev(descriptor, parts, count, offset); };
    if (!is_watched_file(descriptor)) return call();
    return written(descriptor, static_cast<std::uint64_t>(offset), gathered(parts, count), call);
}
ssize_t pwritev64(int descriptor, const iovec* parts, int count, off64_t offset) {
    return ::pwritev(descriptor, parts, count, offset);
}
ssize_t pwritev2(int descriptor, const iovec* parts, int count, off_t offset, int flags) {
    AMPHORA_NEXT(pwritev2);
    if (is_watched_file(descriptor)) recorder().append_offence("pwritev2", {});
    return next_pwritev2(descriptor, parts, count, offset, flags);
}
ssize_t copy_file_range(int in, off64_t* in_offset, int out, off64_t* out_offset, std::size_t bytes,
                        unsigned flags) {
    AMPHORA_NEXT(copy_file_range);
    if (is_watched_file(out)) recorder().append_offence("copy_file_range", {});
    return next_copy_file_range(in, in_offset, out, out_offset, bytes, flags);
}

int ftruncate(int descriptor, off_t bytes) noexcept {
    AMPHORA_NEXT(ftruncate);
    const auto call = [&] { return next_ftruncate(descriptor, bytes); };
    if (!is_watched_file(descriptor)) return call();
    return recorded(RecordKind::resize, descriptor, static_cast<std::uint64_t>(bytes), {}, call);
}
int ftruncate64(int descriptor, off64_t bytes) noexcept {
    return ::ftruncate(descriptor, bytes);
}
int truncate(const char* path, off_t bytes) noexcept {
    // Through a descriptor, which the log can name.
    const int descriptor = ::open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    const int result = ::ftruncate(descriptor, bytes);
    const int reason = errno;
    ::close(descriptor);
    errno = reason;
    return result;
}
int truncate64(const char* path, off64_t bytes) noexcept {
    return ::truncate(path, bytes);
}
int fallocate(int descriptor, int mode, off_t offset, off_t length) {
    AMPHORA_NEXT(fallocate);
    return allocated(descriptor, mode, offset, length,
                     [&] { return next_fallocate(descriptor, mode, offset, length); });
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t length) {
    return ::fallocate(descriptor, mode, offset, length);
}
int posix_fallocate(int descriptor, off_t offset, off_t length) {
    AMPHORA_NEXT(posix_fallocate);
    return allocated(descriptor, 0, offset, length,
                     [&] { return next_posix_fallocate(descriptor, offset, length); });
}
int posix_fallocate64(int descriptor, off64_t offset, off64_t length) {
    return ::posix_fallocate(descriptor, offset, length);
}

int fsync(int descriptor) {
    AMPHORA_NEXT(fsync);
    const auto call = [&] { return next_fsync(descriptor); };
    if (recorder().watch(descriptor) == Watch::no) return call();
    return recorded(RecordKind::sync, descriptor, 0, {}, call);
}
int fdatasync(int descriptor) {
    AMPHORA_NEXT(fdatasync);
    const auto call = [&] { return next_fdatasync(descriptor); };
    if (recorder().watch(descriptor) == Watch::no) return call();
    return recorded(RecordKind::sync, descriptor, 0, {}, call);
}

void* mmap(void* at, std::size_t bytes, int protection, int flags, int descriptor,
           off_t offset) noexcept {
    return mapped(at, bytes, protection, flags, descriptor, offset);
}
void* mmap64(void* at, std::size_t bytes, int protection, int flags, int descriptor,
             off64_t offset) noexcept {
    return mapped(at, bytes, protection, flags, descriptor, offset);
}

int rename(const char* from, const char* to) noexcept {
    AMPHORA_NEXT(rename);
    return renamed(RecordKind::rename,
                   both(recorder().watched(AT_FDCWD, from), recorder().watched(AT_FDCWD, to)),
                   [&] { return next_rename(from, to); });
}
int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept {
    AMPHORA_NEXT(renameat);
    return renamed(
        RecordKind::rename,
        both(recorder().watched(from_directory, from), recorder().watched(to_directory, to)),
        [&] { return next_renameat(from_directory, from, to_directory, to); });
}
int link(const char* from, const char* to) noexcept {
    AMPHORA_NEXT(link);
    return renamed(RecordKind::link,
                   both(recorder().watched(AT_FDCWD, from), recorder().watched(AT_FDCWD, to)),
                   [&] { return next_link(from, to); });
}
int unlink(const char* path) noexcept {
    AMPHORA_NEXT(unlink);
    return renamed(RecordKind::remove, recorder().watched(AT_FDCWD, path),
                   [&] { return next_unlink(path); });
}
int unlinkat(int directory, const char* path, int flags) noexcept {
    AMPHORA_NEXT(unlinkat);
    const bool is_directory = (flags & AT_REMOVEDIR) != 0;
    return renamed(is_directory ? RecordKind::remove_directory : RecordKind::remove,
                   recorder().watched(directory, path),
                   [&] { return next_unlinkat(directory, path, flags); });
}
int remove(const char* path) noexcept {
    struct stat about {};
    const bool is_directory = ::lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
    return is_directory ? ::rmdir(path) : ::unlink(path);
}
int mkdir(const char* path, mode_t mode) noexcept {
    AMPHORA_NEXT(mkdir);
    return renamed(RecordKind::make_directory, recorder().watched(AT_FDCWD, path),
                   [&] { return next_mkdir(path, mode); });
}
int mkdirat(int directory, const char* path, mode_t mode) noexcept {
    AMPHORA_NEXT(mkdirat);
    return renamed(RecordKind::make_directory, recorder().watched(directory, path),
                   [&] { return next_mkdirat(directory, path, mode); });
}
int rmdir(const char* path) noexcept {
    AMPHORA_NEXT(rmdir);
    return renamed(RecordKind::remove_directory, recorder().watched(AT_FDCWD, path),
                   [&] { return next_rmdir(path); });
}

}  // extern "C"
