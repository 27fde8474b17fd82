#pragma once

#include "base/ids.hpp"
#include "database/core.hpp"
#include "database/directory.hpp"

#include <amphora/statistics.hpp>

#include <optional>
#include <string>

/// What `check` does, in two parts: the pieces of a directory one by one, and what they make
/// together.
///
/// The order is what makes it safe. LMDB follows a damaged page wherever it points, so its file is
/// first walked page by page with `pread` and bounds (tree/lmdb/structure_walk.hpp), and LMDB
/// touches it only if nothing was found. A child process that may die instead would cost a program
/// to exec (RocksDB's threads do not survive a fork), would say less about what is wrong, and
/// would still have to be believed when it came back alive.
namespace amphora {

/// The identity of the database; nothing, and a finding, where it cannot be read.
[[nodiscard]] std::optional<Identity> examine_identity(const std::string& directory,
                                                       const ResolvedOptions& options,
                                                       CheckReport& report);

/// Each piece of a database that nobody has open, by itself.
void examine_pieces(const DatabasePaths& paths, const std::optional<Identity>& identity,
                    const ResolvedOptions& options, CheckReport& report);

/// Both parts for an open database. See Database::check.
[[nodiscard]] CheckReport check(const Core& core);

/// Each piece of an open database.
void examine_pieces(const Core& core, CheckReport& report);

/// Rows, documents, index entries and references, as of one commit. Only after pieces without
/// findings.
void examine_contents(const Core& core, CheckReport& report);

/// That both stores hold the outcome of every commit that the journal still has (promise 3: a tree
/// is the fold of the commits up to its mark). Finds what no checksum can: whole files from another
/// moment. The database is open `read_only`.
void examine_outcome(Core& core, CheckReport& report);

/// All of it for a directory that is locked and not open; `lock` is lent and given back.
[[nodiscard]] CheckReport examine_directory(const std::string& path,
                                            std::optional<DirectoryLock>& lock, CheckDepth depth,
                                            const Options& options);

}  // namespace amphora
