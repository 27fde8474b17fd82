// The recorder's calls that change and sync what files hold.

#include "power/recorded_call.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace {

using namespace amphora::power;
using Watch = RecorderLog::Watch;

/// The position of a write without an offset.
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

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
    AMPHORA_NEXT(write);
    const std::string_view data{static_cast<const char*>(bytes), count};
    // Before the call: its reader may act on it at once.
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

std::FILE* fopen(const char* path, const char* mode) {
    AMPHORA_NEXT(fopen);
    return stream(path, mode, next_fopen);
}
std::FILE* fopen64(const char* path, const char* mode) {
    AMPHORA_NEXT(fopen64);
    return stream(path, mode, next_fopen64);
}

}  // extern "C"
