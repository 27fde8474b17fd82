#pragma once

#include "base/directory_lock.hpp"
#include "base/ids.hpp"
#include "database/profile.hpp"

#include <amphora/options.hpp>

#include <string>
#include <string_view>

/// The directory of a database:
///
///   IDENTITY     which database and timeline this is, and in what format; in place last
///   CREATING     only while a database is being made: what else is there holds nothing yet
///   LOCK         who has it open
///   ARCHIVE      where its journal is archived, if it is
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
          creating{directory + "/CREATING"} {}

    std::string journal;
    std::string relational;
    std::string documents;
    std::string compacted;  ///< a copy of the relational store on its way into place
    std::string creating;
};

/// Throws `invalid_argument` if the path of `what` ("the database") is empty.
void require_path(const std::string& path, std::string_view what);

/// Where the name of a directory that exists stands, to be synced: whatever it is called here, with
/// a slash at its end, from the working directory or through a link.
[[nodiscard]] std::string parent_of(const std::string& directory);

/// Throws `invalid_argument` if `place`, for which `what` stands in the message, lies in
/// `directory`: there it would be taken for a piece of the database, and go when that goes.
void require_outside(const std::string& directory, const std::string& place, std::string_view what);

/// A backup holds copies of segments.
[[nodiscard]] journal::SegmentFiles segment_files_in(const std::string& directory);

/// Makes the directory itself if the mode allows; `not_a_database` if there is none.
void require_directory(const std::string& directory, OpenMode mode);

/// The identity of the database in `directory`, which is locked; makes a database of an empty
/// directory, or of one in which making a database was interrupted, if the mode allows. Throws
/// `not_a_database` for a directory that holds something else, `foreign_piece` where only the
/// identity is missing. A backup has its identity only for those who look.
[[nodiscard]] Identity open_directory(const std::string& directory, const ResolvedOptions& options);

}  // namespace amphora
