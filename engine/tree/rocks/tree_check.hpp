#pragma once

#include "base/ids.hpp"
#include "tree/rocks/opened_database.hpp"
#include "tree/tree.hpp"

namespace amphora::rocks {

/// Every block of every file, that together they make one ordered tree, and whose it is.
void check_tree(const OpenedDatabase& database, const Identity& identity,
                tree::Tree::Findings& findings);

}  // namespace amphora::rocks
