#pragma once

#include <cstdint>

/// The log that the recorder writes below a process and that Recording reads: records, each a head
/// and its data, in the one order in which the process asked for them.
///
/// A call that takes time has two: its own, written before the call, and `returned`, written when
/// it has come back. A sync has made durable what had returned before it was asked for, and only
/// once it has returned itself; what happened in between may be on the disk or not.
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

/// The recorder is told by these: the directory whose files it watches, and where its log goes.
inline constexpr const char* watched_variable = "AMPHORA_POWER_WATCHED";
inline constexpr const char* log_variable = "AMPHORA_POWER_LOG";

}  // namespace amphora::power
