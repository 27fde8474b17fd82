#include "base/file_copy.hpp"

#include "base/system_error.hpp"

#include <amphora/error.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

namespace amphora {
namespace {

constexpr std::uint64_t piece_bytes = 1u << 20;

}  // namespace

void copy_file(FileSystem& files, const std::string& from, const std::string& to,
               std::uint64_t bytes, const Copied& copied) {
    const auto source = files.open(from, OpenFile::existing_read_only);
    const auto target = files.open(to, OpenFile::create_new);
    for (std::uint64_t at = 0; at < bytes;) {
        const Buffer piece = source->read_at(
            at, static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, bytes - at)));
        if (piece.empty()) {
            throw Error{ErrorCode::io_error,
                        fmt::format("{}: ends at {} bytes, {} were to be copied", from, at, bytes)};
        }
        target->write_at(at, piece);
        at += piece.size();
        copied(piece.size());
    }
    target->sync();
}

bool link_file(const std::string& from, const std::string& to) {
    if (::link(from.c_str(), to.c_str()) == 0) return true;
    // Too many links, another file system, or a file system without links: the caller copies
    // instead.
    if (errno == EXDEV || errno == EPERM || errno == EMLINK || errno == EOPNOTSUPP) return false;
    throw_system_error("link", from + " to " + to);
}

std::uint64_t size_of(FileSystem& files, const std::string& path) {
    return files.open(path, OpenFile::existing_read_only)->size();
}

}  // namespace amphora
