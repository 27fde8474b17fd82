#pragma once

#include "base/ids.hpp"
#include "tree/rocks/database/opened_database.hpp"
#include "tree/tree.hpp"

#include <cstdint>

namespace amphora::rocks {

/// Another process removes the names of files that it has replaced. RocksDB verifies files by their
/// names, so then only what a walk reads is verified: every block of entries.
enum class FileNames : std::uint8_t { present, may_be_gone };

/// Checks every block of every file, that together they make one ordered tree, and the tree's
/// database.
void check_tree(const OpenedDatabase& database, const Identity& identity, FileNames names,
                tree::Tree::Findings& findings);

}  // namespace amphora::rocks
