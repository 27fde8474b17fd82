#pragma once

#include "tree/tree.hpp"

namespace amphora::tree {

/// In a rescue, replaces a tree that could not be opened: it holds nothing, and no commit was ever
/// delivered to it.
[[nodiscard]] std::unique_ptr<Tree> make_absent_tree(std::string why);

}  // namespace amphora::tree
