#include "tree/rocks/environment/status.hpp"

#include "tree/rocks/environment/anchored_path.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string>

namespace amphora::rocks {

namespace {

std::string_view advice_for(ErrorCode code) {
    switch (code) {
        case ErrorCode::disk_full:
            return "free some space; writing continues by itself";
        case ErrorCode::corrupt:
            return "run a check and restore the tree from a backup";
        case ErrorCode::newer_format:
            return "use a later version of the library";
        case ErrorCode::not_a_database:
            return "put back the tree that belongs here";
        case ErrorCode::in_use:
            return "close it there first";
        default:
            return "it is tried again";
    }
}

/// Whether the error is about a table file that a later RocksDB wrote. The number has no checksum,
/// so only a likely one is trusted: after "corrupt", people would restore an old copy over a file
/// that a later version can still read.
bool is_of_later_version(std::string_view message) {
    if (message.find("newer version of RocksDB") != std::string_view::npos) return true;
    constexpr std::string_view words = "unsupported format_version: ";
    constexpr unsigned newest_known = 5, newest_likely = 20;
    const std::size_t at = message.find(words);
    if (at == std::string_view::npos) return false;
    unsigned version = 0;
    std::from_chars(message.data() + at + words.size(), message.data() + message.size(), version);
    return version > newest_known && version <= newest_likely;
}

}  // namespace

ErrorCode code_of(const rocksdb::Status& status) noexcept {
    using Sub = rocksdb::Status::SubCode;
    if (status.IsNoSpace() || status.subcode() == Sub::kSpaceLimit) {
        return ErrorCode::disk_full;
    }
    // Some layers pass on only the text.
    const char* text = status.getState();
    const std::string_view state = text == nullptr ? "" : text;
    const auto says = [&](std::string_view words) {
        return state.find(words) != std::string_view::npos;
    };
    if (is_of_later_version(state)) return ErrorCode::newer_format;
    if (status.IsCorruption()) return ErrorCode::corrupt;
    if (says("No space left") || says("quota exceeded")) return ErrorCode::disk_full;
    // For a lock that is taken, in this process or another.
    if (says("/LOCK") && says("Resource temporarily unavailable")) {
        return ErrorCode::in_use;
    }
    // Not by its kind: files that cannot be opened are called invalid arguments, too.
    if (says("does not match existing comparator")) return ErrorCode::not_a_database;
    return ErrorCode::io_error;
}

void raise(const rocksdb::Status& status, std::string_view doing, std::string_view where) {
    const ErrorCode code = code_of(status);
    throw Error{code, fmt::format("{}: failed while {}: {}; {}", where, doing,
                                  with_own_name(status.ToString(), where), advice_for(code))};
}

}  // namespace amphora::rocks
