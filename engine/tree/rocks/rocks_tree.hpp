#pragma once

#include "base/ids.hpp"
#include "tree/rocks/database/rocks_options.hpp"
#include "tree/tree.hpp"

#include <memory>
#include <string>

/// The document tree: RocksDB without its write-ahead log, because the journal is its log.
/// Therefore it has one column family, so that what survives a crash is a prefix of the applies.
namespace amphora::rocks {

/// Opens the tree in `directory` (in `create` mode it is made if missing). Throws `foreign_piece`
/// for a tree of another database, `corrupt`, `newer_format`, `in_use`, `not_a_database` if there
/// is none, `disk_full`, `io_error`.
///
/// A `live` tree shows what the table files had at its opening, for as long as it is open. Any number
/// may be open in a process. A file that the writing process removes or replaces during the opening
/// is `corrupt` or `io_error`: the caller tries again.
///
/// Views and cursors may outlive the tree; its files stay open (`in_use`) until the last is
/// destroyed.
[[nodiscard]] std::unique_ptr<tree::Tree> open_rocks(
    const std::string& directory, const Identity& identity, tree::OpenMode mode,
    const RocksOptions& options = rocks_profile(RocksProfile::desktop));

/// Changes the timeline of the tree in `directory`, which nobody has open. The contents stay. `mark`
/// is the tree's mark in the journal of that timeline: for the same commit.
/// Throws what `open_rocks` throws.
void renew_identity(const std::string& directory, const Identity& before, const Identity& after,
                    const Mark& mark,
                    const RocksOptions& options = rocks_profile(RocksProfile::desktop));

}  // namespace amphora::rocks
