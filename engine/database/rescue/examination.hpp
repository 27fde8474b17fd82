#pragma once

#include "base/ids.hpp"
#include "database/core.hpp"
#include "database/directory/directory.hpp"

#include <amphora/statistics.hpp>

#include <optional>
#include <string>

/// `check`, in two parts: the pieces of a directory one by one, and their contents together.
///
/// The order makes it safe. LMDB follows the pointers of a damaged page anywhere, so its file is
/// first walked page by page with `pread` and bounds (tree/lmdb/structure_walk.hpp), and LMDB opens
/// it only if nothing was found. The alternative, a child process that may die, would need a
/// separate program to exec (RocksDB's threads do not survive a fork), would report less, and a
/// child that survives would still prove little.
namespace amphora {

/// The identity of the database; none, and a finding, if it cannot be read.
[[nodiscard]] std::optional<Identity> examine_identity(const std::string& directory,
                                                       const ResolvedOptions& options,
                                                       CheckReport& report);

/// Checks each piece of a database that is not open, by itself.
void examine_pieces(const DatabasePaths& paths, const std::optional<Identity>& identity,
                    const ResolvedOptions& options, CheckReport& report);

/// Both parts for an open database. See Database::check.
[[nodiscard]] CheckReport check(const Core& core);

/// Checks each piece of an open database.
void examine_pieces(const Core& core, CheckReport& report);

/// Checks rows, documents, index entries and references, as of one commit. Only after the pieces
/// without findings.
void examine_contents(const Core& core, CheckReport& report);

/// Checks that both stores have the result of every commit that the journal still holds: a tree is
/// the fold of the commits up to its mark. Finds what no checksum can: whole files from another
/// moment. The database is open `read_only`.
void examine_outcome(Core& core, CheckReport& report);

/// All checks of a directory that is locked and not open. `lock` is used and given back.
[[nodiscard]] CheckReport examine_directory(const std::string& path,
                                            std::optional<DirectoryLock>& lock, CheckDepth depth,
                                            const Options& options);

}  // namespace amphora
