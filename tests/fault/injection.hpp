#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

/// The protocol between the preloaded library and the program that starts its victim: which call
/// fails, how, and when. Without allocations, because the library reads it inside of `malloc`.
namespace amphora::fault {

/// Calls that are counted together. Those on files count if the file is below the directory in
/// AMPHORA_FAULT_BELOW; the others once the victim has called `amphora_faults_begin`.
enum class Call : std::uint8_t {
    write,       ///< write, pwrite, writev, pwritev
    sync,        ///< fsync, fdatasync, sync_file_range, msync
    open,        ///< open, openat, also of a new file
    rename,      ///< rename
    name,        ///< mkdir, unlink, rmdir, link
    size,        ///< ftruncate, fallocate
    read,        ///< read, pread
    map,         ///< mmap
    allocation,  ///< malloc, calloc, realloc, aligned_alloc, and so `new`
};
inline constexpr std::array<std::string_view, 9> call_names{
    "write", "sync", "open", "rename", "name", "size", "read", "map", "allocation"};
inline constexpr std::size_t calls_count = call_names.size();

/// How it fails: with that errno, by doing half of its work, or by the end of the process before it.
struct Outcome {
    std::string_view name;
    int error;  ///< 0: a short write or read; `ends_process`: SIGKILL
};
inline constexpr int ends_process = -1;
inline constexpr std::array outcomes{Outcome{"EIO", EIO},          Outcome{"ENOSPC", ENOSPC},
                                     Outcome{"EINTR", EINTR},      Outcome{"ENOMEM", ENOMEM},
                                     Outcome{"EMFILE", EMFILE},    Outcome{"short", 0},
                                     Outcome{"kill", ends_process}};

/// The calls from the `first`-th on (1 is the first), `times` of them. Written
/// "write:EIO:17:1" in AMPHORA_FAULT.
struct Injection {
    Call call = Call::write;
    Outcome outcome = outcomes.front();
    std::uint64_t first = 0;
    std::uint64_t times = 1;
};

/// Shared between the library and the one who looks, in the file AMPHORA_FAULT_TALLY.
struct Tally {
    std::array<std::atomic<std::uint64_t>, calls_count> calls;
    std::atomic<std::uint64_t> failed;
};

inline std::string_view next_word(std::string_view& text) noexcept {
    const std::size_t end = text.find(':');
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return word;
}

inline std::uint64_t number_of(std::string_view digits) noexcept {
    std::uint64_t number = 0;
    for (const char digit : digits) {
        number = number * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    return number;
}

inline std::optional<Injection> parse_injection(std::string_view text) noexcept {
    Injection injection;
    const std::string_view call = next_word(text);
    const std::string_view outcome = next_word(text);
    injection.first = number_of(next_word(text));
    injection.times = number_of(next_word(text));
    for (std::size_t i = 0; i < calls_count; ++i) {
        if (call_names[i] != call) continue;
        injection.call = static_cast<Call>(i);
        for (const Outcome& each : outcomes) {
            if (each.name != outcome) continue;
            injection.outcome = each;
            return injection;
        }
    }
    return std::nullopt;
}

}  // namespace amphora::fault
