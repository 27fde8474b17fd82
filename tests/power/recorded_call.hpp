#pragma once

#include "power/recorder_log.hpp"

#include <dlfcn.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// The parts that the recorder's calls share. The recorder is a library that is preloaded into a
/// process (LD_PRELOAD) and logs everything that it does to the files of one directory; record.hpp
/// has the format. The calls work as always; only the log is new.
///
/// Not recorded: sync_file_range and msync, which promise nothing that a file system must keep.
/// Something that cannot be followed, such as a file changed through memory, is logged as an
/// offence. RecordedVictim proves that nothing was missed: it replays the whole log and compares
/// the result with the directory.
namespace amphora::power {

inline RecorderLog& recorder() {
    return RecorderLog::of_process();
}

/// The function that would be called without the recorder.
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
