#pragma once

#include "base/ids.hpp"
#include "database/directory.hpp"
#include "database/profile.hpp"
#include "database/salvaged_catalog.hpp"
#include "journal/salvage.hpp"
#include "tree/rocks/gap.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace amphora {

/// Two new trees made of what can still be read from damaged ones, and of the commits that the
/// journal still holds.
///
/// A commit is replayed into a tree if the tree has not got it, or if every commit from it up to
/// the tree's mark can be read: then the last of them under each key is what the tree has, or had
/// before the damage. A commit of the tree's past with a gap behind it is not: what the gap wrote
/// over it is not known.
///
/// What is missing is found by comparing versions: an entry that a replayed commit wrote again or
/// removed is not missing, whatever happened to an earlier version of it.
struct SalvagedTrees {
    /// An entry that can be read and not be believed, and that no replayed commit replaced.
    struct Unsound {
        TreeId store{};
        Buffer key;  ///< where one changed bit explains the checksum, the key without that change
        Buffer stored;
        std::string why;
    };
    /// A space of the relational store that does not hold what its digest says.
    struct Difference {
        std::uint64_t had = 0;    ///< entries; 0 and `is_known` false: the digest cannot be read
        std::uint64_t found = 0;  ///< as of the same commit
        std::uint64_t unsound =
            0;  ///< more than these: each replaced later, or in `SalvagedTrees::unsound`
        bool is_known = true;
        bool changed_later = false;  ///< later commits that were replayed wrote into it
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
    std::vector<std::string> notes;   ///< damage that alone does not mean that anything is missing
};

/// `after` is the new identity. Writes into `to` only. Throws `foreign_piece` if a tree belongs to
/// another database.
[[nodiscard]] SalvagedTrees salvage_trees(const DatabasePaths& from, const DatabasePaths& to,
                                          const journal::SalvagedJournal& journal,
                                          const Identity& before, const Identity& after,
                                          const ResolvedOptions& options);

}  // namespace amphora
