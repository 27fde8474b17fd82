#pragma once

#include "power/recorder_log.hpp"

#include <dlfcn.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// What the recorder's calls have in common. It is a library that is loaded below a process
/// (LD_PRELOAD) and logs everything that it does to the files of one directory: record.hpp says
/// how. Calls do their work as always; the log is what is new.
///
/// Not recorded: sync_file_range and msync, which promise nothing that a file system must keep.
/// What cannot be followed, such as a file changed through memory, is logged as an offence. That
/// nothing was missed is not believed but checked: RecordedVictim replays the whole log and
/// compares the outcome with the directory.
namespace amphora::power {

inline RecorderLog& recorder() {
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

inline bool is_watched_file(int descriptor) {
    return recorder().watch(descriptor) == RecorderLog::Watch::file;
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

}  // namespace amphora::power
