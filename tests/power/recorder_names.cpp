// The recorder's calls that give descriptors and change names.

#include "power/recorded_call.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <string>

namespace {

using namespace amphora::power;
using Watch = RecorderLog::Watch;

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

/// `call` closes the descriptor, whose number may then be given again.
template <class Call>
int closed(int descriptor, Call&& call) {
    if (recorder().watch(descriptor) == Watch::no) return call();
    const std::lock_guard lock{recorder().names()};
    recorder().append(RecordKind::close, descriptor, 0);
    recorder().set_watch(descriptor, Watch::no);
    return call();
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
int close(int descriptor) {
    AMPHORA_NEXT(close);
    return closed(descriptor, [&] { return next_close(descriptor); });
}
// For streams and directories made from a descriptor, whose own code calls no close.
int fclose(std::FILE* stream) {
    AMPHORA_NEXT(fclose);
    return closed(::fileno(stream), [&] { return next_fclose(stream); });
}
int closedir(DIR* directory) {
    AMPHORA_NEXT(closedir);
    return closed(::dirfd(directory), [&] { return next_closedir(directory); });
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
