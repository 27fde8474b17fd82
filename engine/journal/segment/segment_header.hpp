#pragma once

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// The first blocks of a segment file: the database, the position in the chain of segments, and
/// what was durable before it.
///
///   offset 0      block of 4096 bytes: the header, its checksum in the last eight
///   offset 4096   the same block again: one damaged block is survived
///   offset 8192   block that names the next segment (successor_block.hpp); zeros before that
///   offset 12288  frames
///
/// Invariant: when a header is written, everything that it says about its predecessor is on stable
/// storage, and so are the copied frames after it. An ordinary frame is written only after the
/// header.
namespace amphora::journal {

inline constexpr std::uint64_t block_bytes = 4096;
inline constexpr std::uint64_t header_copies_bytes = 2 * block_bytes;
inline constexpr std::uint64_t header_bytes = header_copies_bytes + block_bytes;
/// Format 1 had no block that names the next segment. It was never released and is not read.
inline constexpr std::uint32_t format_newest = 2;

[[nodiscard]] constexpr std::uint64_t to_block(std::uint64_t offset) noexcept {
    return (offset + block_bytes - 1) / block_bytes * block_bytes;
}

struct SegmentHeader {
    /// The segment before this one, and the end of its valid part. What comes after that end was
    /// cut, or copied.
    struct Link {
        std::uint64_t number = 0;  ///< 0: there never was one
        std::uint64_t salt = 0;
        std::uint64_t end = 0;
        std::uint64_t chain = 0;  ///< of its last valid frame; its salt if it has none
        auto operator<=>(const Link&) const = default;
    };

    Identity identity;
    Epoch epoch{};
    std::uint64_t nonce = 0;   ///< of the epoch: distinguishes two openings of two copies
    std::uint64_t number = 0;  ///< increases along the chain
    std::uint64_t salt = 0;    ///< of this life of the file: seeds the chain, tags its frames
    Mark prior;                ///< the last commit before this segment
    std::int64_t prior_time_us = 0;
    Link predecessor;
    std::uint64_t copies_end = header_bytes;  ///< end of the frames that opening copied
    /// The file was made with this size, and never becomes shorter; 0 in a segment without frames.
    std::uint64_t file_bytes = 0;
    auto operator<=>(const SegmentHeader&) const = default;
};

/// All blocks before the frames, to be written at offset 0. They name no successor.
[[nodiscard]] Buffer encode(const SegmentHeader& header, std::uint32_t format = format_newest);

/// Reads the first `header_bytes` of a file, from the block that verifies; none if neither does.
/// Throws `newer_format`, and `unsupported` for format 1. `path` is for the message.
[[nodiscard]] std::optional<SegmentHeader> decode_header(Bytes blocks, const std::string& path);

/// "journal/000003.log": the part of a path that people need.
[[nodiscard]] std::string place_of(const std::string& path);

}  // namespace amphora::journal
