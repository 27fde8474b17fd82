#include "tree/rocks/require.hpp"

#include <fmt/format.h>

#include <string>

namespace amphora::rocks {

namespace {

std::string_view advice_for(ErrorCode code) {
    switch (code) {
        case ErrorCode::disk_full:
            return "free some space; it goes on by itself";
        case ErrorCode::corrupt:
            return "run a check and restore the tree from a backup";
        case ErrorCode::in_use:
            return "close it there first";
        default:
            return "it is tried again";
    }
}

/// Another one holds the lock file. That it could not be opened or made says nothing of the kind.
bool is_locked(std::string_view state) {
    const auto says = [&](std::string_view words) {
        return state.find(words) != std::string_view::npos;
    };
    return says("lock") && says("LOCK") && !says("while open a file for lock");
}

}  // namespace

ErrorCode code_of(const rocksdb::Status& status) noexcept {
    using Sub = rocksdb::Status::SubCode;
    if (status.IsNoSpace() || status.subcode() == Sub::kSpaceLimit) {
        return ErrorCode::disk_full;
    }
    if (status.IsCorruption()) return ErrorCode::corrupt;
    // Some layers pass only the text on.
    const char* text = status.getState();
    const std::string_view state = text == nullptr ? "" : text;
    if (state.find("No space left") != std::string_view::npos ||
        state.find("quota exceeded") != std::string_view::npos) {
        return ErrorCode::disk_full;
    }
    if (status.IsIOError() && is_locked(state)) return ErrorCode::in_use;
    return ErrorCode::io_error;
}

void raise(const rocksdb::Status& status, std::string_view doing, std::string_view where) {
    const ErrorCode code = code_of(status);
    throw Error(code, fmt::format("{}: failed while {}: {}; {}", where, doing, status.ToString(),
                                  advice_for(code)));
}

}  // namespace amphora::rocks
