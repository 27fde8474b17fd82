#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/journal.hpp"
#include "journal/recovery/chain_segment.hpp"
#include "journal/segment/frame.hpp"
#include "journal/segment/frame_index.hpp"
#include "journal/segment/segment_header.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// The contents of a journal's directory: which files form the chain of segments, which frames are
/// in them, and which of these are proven to have been durable. Reads only.
///
/// The chain is followed from the segment with the highest number back along the headers' links. So
/// names mean nothing, and files that no link reaches were replaced. A segment ends where its
/// successor's header says; only the newest one has an open end. If any segment names a later one
/// than the newest that is found, that one is missing.
namespace amphora::journal {

/// What a survey does if something that was durable does not verify or does not fit: it refuses the
/// journal, or ends it there and says so in `Survey::damage`.
enum class AtDamage : std::uint8_t { refuse, end };

/// A frame of commits without proof of durability, kept in memory to be copied.
struct UnprovenFrame {
    FrameHeader header;
    Buffer bytes;
};

struct Survey {
    std::vector<ChainSegment> chain;    ///< oldest first; the last one up to what is proven
    std::vector<std::string> outside;   ///< not in the chain; kept until the next header is durable
    std::vector<std::string> headless;  ///< without a readable header: spares, or half made
    std::vector<UnprovenFrame> unproven;
    FrameIndex index;  ///< everything that verified, unproven frames included
    Mark proven;       ///< the last commit with proof
    std::int64_t proven_time_us = 0;
    std::int64_t last_time_us = 0;  ///< of everything that verified
    Epoch epoch_highest{};
    std::uint64_t number_highest = 0;
    std::string newest;  ///< path of the segment with that number
    /// The part of that segment that verifies, unproven frames included; no path if damage comes
    /// first.
    ChainSegment newest_verified;
    /// Set if the newest segment itself has no proof. Its frames are then among the unproven ones,
    /// it is not in the chain, and it is kept until its successor is durable.
    std::string superseded;
    std::uint64_t superseded_salt = 0;
    /// The link of the superseded segment, for its successor, if the chain is empty.
    SegmentHeader::Link link_if_empty;
    std::uint64_t bytes_cut = 0;
    std::string cut_place;
    bool closed_cleanly = false;
    std::vector<std::string> damage;  ///< `AtDamage::end`: what ended it, in words

    /// The first commit that the journal holds; 0 if none.
    [[nodiscard]] Sequence oldest() const noexcept {
        return index.last().sequence == index.prior().sequence ? Sequence{}
                                                               : next(index.prior().sequence);
    }
};

/// Throws `corrupt`, `foreign_piece` or `newer_format`, see `Journal::open`.
[[nodiscard]] Survey survey_journal(FileSystem& files, const std::string& directory,
                                    const Identity& identity, std::span<const Mark> marks,
                                    SegmentFiles kind = SegmentFiles::own,
                                    AtDamage at_damage = AtDamage::refuse);

/// The names of the segment files in a directory, as paths.
[[nodiscard]] std::vector<std::string> segment_paths(FileSystem& files,
                                                     const std::string& directory);

}  // namespace amphora::journal
