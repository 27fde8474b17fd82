#pragma once

#include "base/file.hpp"
#include "journal/segment/segment_header.hpp"

#include <cstdint>
#include <optional>

/// The block of a segment that names the segment after it.
///
///   offset 8192   while the segment is the newest: zeros, or what an earlier life of the file left;
///                 later the successor's number and salt
///   offset 10240  the same again: one damaged sector is survived
///
/// Each half carries the salt of its segment, so bytes from an earlier life of the file name
/// nothing, and a checksum.
///
/// Invariant: the block is written and synced after the successor's header is on stable storage,
/// and before any frame of commits is written to the successor. So a power cut never leaves a block
/// that names a segment without a header, and a segment that is named and not found is missing.
namespace amphora::journal {

inline constexpr std::uint64_t successor_offset = header_copies_bytes;

struct Successor {
    std::uint64_t number = 0;
    std::uint64_t salt = 0;
    auto operator<=>(const Successor&) const = default;
};

/// The whole block, for a segment with that salt.
[[nodiscard]] Buffer encode_successor(const Successor& successor, std::uint64_t salt);

/// Reads the first `header_bytes` of a segment with that salt; none if it names no successor in
/// this life of the segment, or if the file is shorter.
[[nodiscard]] std::optional<Successor> decode_successor(Bytes blocks, std::uint64_t salt);

/// Writes the block of the segment in `file` and syncs it.
void write_successor(File& file, std::uint64_t salt, const Successor& successor);

}  // namespace amphora::journal
