#pragma once

#include "base/ids.hpp"
#include "database/directory.hpp"
#include "database/profile.hpp"
#include "journal/salvage.hpp"

#include <cstdint>
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
struct SalvagedTrees {
    /// An entry of the relational store whose checksum does not match.
    struct Damaged {
        Buffer key;
        Buffer stored;
    };

    Mark last;  ///< of both new trees
    std::uint64_t commits_replayed = 0;
    std::vector<Damaged> damaged;
    std::vector<std::string> losses;
};

/// `after` is the new identity. Writes into `to` only. Throws `foreign_piece` if a tree belongs to
/// another database.
[[nodiscard]] SalvagedTrees salvage_trees(const DatabasePaths& from, const DatabasePaths& to,
                                          const journal::SalvagedJournal& journal,
                                          const Identity& before, const Identity& after,
                                          const ResolvedOptions& options);

}  // namespace amphora
