#pragma once

#include "base/directory_lock.hpp"
#include "base/ids.hpp"
#include "base/lineage.hpp"
#include "database/directory/profile.hpp"

#include <amphora/options.hpp>

#include <string>
#include <string_view>
#include <vector>

/// The directory of a database:
///
///   IDENTITY     the database, its timeline and its format; written last
///   CREATING     only while a database is being made: the other pieces hold nothing yet
///   LOCK         locked by the process that has it open
///   LIVE         what that process says to those that look at the database
///   OBSERVERS    locked by those that look at it
///   ARCHIVE      where its journal is archived, if it is
///   in_hand/     what the handlers of consumers have in hand
///   journal/     segments
///   relational/  LMDB
///   documents/   RocksDB
namespace amphora {

struct DatabasePaths {
    explicit DatabasePaths(const std::string& directory)
        : journal{directory + "/journal"},
          relational{directory + "/relational"},
          documents{directory + "/documents"},
          compacted{directory + "/relational.compacted"},
          in_hand{directory + "/in_hand"},
          creating{directory + "/CREATING"} {}

    std::string journal;
    std::string relational;
    std::string documents;
    /// A compacted copy of the relational store, before it replaces the store.
    std::string compacted;
    /// What the handlers of consumers have in hand.
    std::string in_hand;
    std::string creating;
};

/// Throws `invalid_argument` if the path of `what` ("the database") is empty.
void require_path(const std::string& path, std::string_view what);

/// The directory that holds the name of an existing directory, to be synced. Works for every
/// spelling: with a slash at its end, relative to the working directory, or through a link.
[[nodiscard]] std::string parent_of(const std::string& directory);

/// Throws `invalid_argument` if `place` is in `directory`: there it would be taken for a piece of
/// the database, and be removed with it. `what` names `place` in the message.
void require_outside(const std::string& directory, const std::string& place, std::string_view what);

/// A backup holds copies of segments.
[[nodiscard]] journal::SegmentFiles segment_files_in(const std::string& directory);

/// Makes the directory if the mode allows it; `not_a_database` if there is none.
void require_directory(const std::string& directory, OpenMode mode);

/// The identity of a database, and which timelines it comes from.
struct FoundIdentity {
    Identity identity;
    std::vector<Ancestor> ancestors = {};
};

/// The identity of the database in `directory`, which is locked. If the mode allows it, makes a
/// database in an empty directory, or in one in which that was interrupted. Throws `not_a_database`
/// for a directory that holds something else, `foreign_piece` if only the identity is missing. For
/// a backup it returns the identity only in the modes that read.
[[nodiscard]] FoundIdentity open_directory(const std::string& directory,
                                           const ResolvedOptions& options);

}  // namespace amphora
