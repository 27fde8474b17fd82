#pragma once

#include <cstdint>

/// The log that the recorder writes in a process and that Recording reads: records, each with a
/// head and its data, in the order in which the process made the calls.
///
/// A call that takes time has two: its own, written before the call, and `returned`, written when
/// it has returned. A sync has made durable what had returned before it was called, and only once
/// it has returned itself; anything in between may be on the disk or not.
namespace amphora::power {

enum class RecordKind : std::uint8_t {
    open,              ///< data: path; argument: flags; descriptor: the new one
    duplicate,         ///< argument: the new descriptor
    close,             ///< before the call: the number may be given again at once
    write,             ///< argument: offset; data: bytes
    resize,            ///< argument: new size
    grow,              ///< argument: size that the file has at least
    clear,             ///< argument: offset; data: eight bytes, the length that becomes zeros
    sync,              ///< of a file's content or a directory's names
    rename,            ///< data: both paths, a zero byte between them; whole: no `returned` follows
    link,              ///< as rename
    remove,            ///< data: path of a file; whole
    make_directory,    ///< data: path; whole
    remove_directory,  ///< data: path; whole
    map,               ///< shared and writable: the file may hold anything from now on
    say,               ///< data: a whole line for the program that watches the process
    offence,           ///< data: what the process did that a recorder cannot follow; whole
    returned,          ///< argument: number of the call's own record; result: what it returned
};

/// Numbers are given from 1. Eight bytes each, so that there is no padding between the fields.
struct RecordHead {
    std::uint64_t number;
    std::uint64_t argument;
    std::int64_t result;
    std::int32_t descriptor;
    std::uint32_t data_bytes;
    std::uint64_t kind;
};

/// The recorder reads these variables: the directory whose files it watches, and the path of its
/// log.
inline constexpr const char* watched_variable = "AMPHORA_POWER_WATCHED";
inline constexpr const char* log_variable = "AMPHORA_POWER_LOG";

}  // namespace amphora::power
