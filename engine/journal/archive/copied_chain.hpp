#pragma once

#include "journal/archive/segment_copy.hpp"
#include "journal/journal.hpp"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>

/// The past, put together from copies of segments: a journal that can be read, and that ends where
/// it is told to.
namespace amphora::journal {

/// The end; with neither, the end of the copies.
struct Until {
    std::optional<Sequence> sequence;     ///< this commit
    std::optional<std::int64_t> time_us;  ///< the last commit made by then: last_commit_by.hpp
};

struct CopiedChain {
    std::unique_ptr<Journal> journal;  ///< for reading only
    Beginning successor;               ///< how the journal of the new timeline begins
};

/// The backup that the copies must fit.
struct Backup {
    Identity identity;
    Sequence last{};                      ///< they end with this commit or a later one
    std::array<Mark, trees_count> marks;  ///< of its trees
    /// The commits after this one are wanted, too, as far as there are copies that are connected.
    std::optional<Sequence> wanted_after = {};
};

/// Opens the copies in `directories`, from the older of the trees' marks on, or from
/// `wanted_after`. Throws `foreign_piece`
/// if a tree's mark is not of this chain, or if commits are missing between copies or at their end;
/// `corrupt` for a damaged copy; `invalid_argument` for an end before a tree's mark or after the
/// last commit.
[[nodiscard]] CopiedChain open_copies(FileSystem& files, std::span<const std::string> directories,
                                      const Backup& backup, const Until& until);

}  // namespace amphora::journal
