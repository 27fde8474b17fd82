#pragma once

#include "base/ids.hpp"
#include "database/directory/directory.hpp"
#include "database/directory/profile.hpp"
#include "database/rescue/salvaged_catalog.hpp"
#include "journal/recovery/salvage.hpp"
#include "tree/rocks/salvage/gap.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace amphora {

/// Two new trees, made from what can be read of damaged ones, and from the commits that the journal
/// still holds.
///
/// A commit is replayed into a tree if the tree lacks it, or if every commit from it up to the
/// tree's mark can be read: then the last of them for each key is what the tree has, or had before
/// the damage. An older commit with a gap after it is not replayed, because the gap may have
/// overwritten its changes.
///
/// Missing entries are found by comparing versions: an entry that a replayed commit wrote again or
/// removed is not missing, whatever happened to an earlier version.
struct SalvagedTrees {
    /// An entry that can be read and not be trusted, and that no replayed commit replaced.
    struct Unsound {
        TreeId store{};
        Buffer key;  ///< if one changed bit explains the checksum, the key without that change
        Buffer stored;
        std::string why;
    };
    /// A space of the relational store that differs from its digest.
    struct Difference {
        std::uint64_t had = 0;    ///< entries; 0 and `is_known` false: the digest cannot be read
        std::uint64_t found = 0;  ///< as of the same commit
        /// In addition to these: each was replaced later, or is in `SalvagedTrees::unsound`.
        std::uint64_t unsound = 0;
        bool is_known = true;
        bool changed_later = false;  ///< replayed later commits wrote into it
    };

    Mark last;              ///< of both new trees
    Sequence relational{};  ///< the commit that the damaged relational store had reached
    std::uint64_t commits_replayed = 0;
    std::vector<Unsound> unsound;
    std::map<SpaceId, Difference> differences;  ///< where the journal does not have everything
    std::uint64_t pages_unexplained = 0;        ///< of the relational store; no digest is known
    std::vector<rocks::Gap> gaps;               ///< where the journal does not have everything
    LostDefinitions definitions;
    std::vector<std::string> losses;  ///< of commits and of whole stores
    /// Damage that does not mean by itself that anything is missing.
    std::vector<std::string> notes;
};

/// `after` is the new identity. Writes only into `to`. Throws `foreign_piece` if a tree belongs to
/// another database.
[[nodiscard]] SalvagedTrees salvage_trees(const DatabasePaths& from, const DatabasePaths& to,
                                          const journal::SalvagedJournal& journal,
                                          const Identity& before, const Identity& after,
                                          const ResolvedOptions& options);

}  // namespace amphora
