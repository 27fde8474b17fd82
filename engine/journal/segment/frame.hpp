#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

/// A frame: the unit of one journal write, a group of commit records under one checksum.
///
///   bytes  0  8  checksum of everything after it, seeded with `previous`: the chain value of its
///                commits
///          8  8  salt of the segment's life: bytes from an earlier life never look like a frame
///         16  8  previous: the checksum of the frame before it, or the salt
///         24  4  bytes, header and records together     28  4  magic and kind
///         32  8  number of the segment                  40  8  epoch
///         48  8  sequence of the first commit           56  4  commits
///         60  4  durable_offset: how much of this segment was durable when the frame was made
///         64  8  durable: the last durable commit then
///         72  8  commit time, microseconds; never decreases within an epoch
///         80     the records, each with its length in four bytes before it
namespace amphora::journal {

enum class FrameKind : std::uint8_t {
    commits,
    copied,   ///< commits without proof of durability that open found; they keep their epoch
    idle,     ///< no commits: its `durable_offset` proves what is before it
    closing,  ///< the same, and the journal was closed
};

inline constexpr std::size_t frame_header_bytes = 80;
inline constexpr std::size_t record_header_bytes = 4;
inline constexpr std::uint64_t frame_alignment = 8;

struct FrameHeader {
    std::uint64_t checksum = 0;
    std::uint64_t salt = 0;
    std::uint64_t previous = 0;
    std::uint32_t bytes = 0;
    FrameKind kind = FrameKind::commits;
    std::uint64_t segment = 0;
    Epoch epoch{};
    Sequence first{};
    std::uint32_t commits = 0;
    std::uint32_t durable_offset = 0;
    Sequence durable{};
    std::int64_t time_us = 0;

    [[nodiscard]] Sequence last() const noexcept { return Sequence{number(first) + commits - 1}; }
};

[[nodiscard]] constexpr bool has_commits(const FrameHeader& header) noexcept {
    return header.kind == FrameKind::commits || header.kind == FrameKind::copied;
}

/// The most blocks that a frame of one record takes.
[[nodiscard]] std::uint64_t frame_blocks_of(std::size_t record_bytes) noexcept;

/// Reads the fixed part; none if `bytes` do not begin a frame. Verifies only the magic.
[[nodiscard]] std::optional<FrameHeader> peek_frame(Bytes bytes) noexcept;
/// Whether the checksum of a whole frame is right.
[[nodiscard]] bool verify_frame(const FrameHeader& header, Bytes frame) noexcept;
/// The records of a frame, in order. False if their lengths do not add up.
[[nodiscard]] bool split_records(const FrameHeader& header, Bytes frame,
                                 std::vector<Bytes>& records);

/// Makes frames in a buffer that is reused.
class FrameBuilder {
  public:
    void begin();
    void add(Bytes record);
    /// The bytes so far, header included.
    [[nodiscard]] std::size_t bytes() const noexcept { return buffer_.size(); }
    /// Fills in `header.bytes` and `header.checksum`, and returns the frame for `offset`, padded
    /// with zeros to the end of its last block, so that no block must be read before it is written.
    [[nodiscard]] Bytes finish(FrameHeader& header, std::uint64_t offset);

  private:
    Buffer buffer_;
};

}  // namespace amphora::journal
