#pragma once

#include "journal/journal.hpp"
#include "journal/segment_copy.hpp"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>

/// The past, put together from copies of segments: as a journal that can be read and ends where it
/// is told to.
namespace amphora::journal {

/// Where it is to end; with neither, where the copies do.
struct Until {
    std::optional<Sequence> sequence;     ///< with this commit
    std::optional<std::int64_t> time_us;  ///< with the last commit made by then: last_commit_by.hpp
};

struct CopiedChain {
    std::unique_ptr<Journal> journal;  ///< reads only
    Beginning successor;               ///< how the journal of a new timeline begins after it
};

/// What the copies are to fit.
struct Backup {
    Identity identity;
    Sequence last{};                      ///< with which commit they end, or a later one
    std::array<Mark, trees_count> marks;  ///< of its trees
};

/// From the oldest of the trees' marks on, out of the copies in `directories`. Throws
/// `foreign_piece` if a tree's mark is not of this chain or commits are missing between copies or
/// at their end, `corrupt` for a damaged copy, `invalid_argument` for an end that lies before a
/// tree's mark or behind the last commit.
[[nodiscard]] CopiedChain open_copies(FileSystem& files, std::span<const std::string> directories,
                                      const Backup& backup, const Until& until);

}  // namespace amphora::journal
