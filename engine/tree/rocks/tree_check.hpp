#pragma once

#include "base/ids.hpp"
#include "tree/rocks/database/opened_database.hpp"
#include "tree/tree.hpp"

namespace amphora::rocks {

/// Checks every block of every file, that together they make one ordered tree, and the tree's
/// database.
void check_tree(const OpenedDatabase& database, const Identity& identity,
                tree::Tree::Findings& findings);

}  // namespace amphora::rocks
