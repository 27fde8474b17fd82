#pragma once

#include "tree/tree.hpp"

namespace amphora::tree {

/// Stands, for those who only look, where a tree could not be opened: it holds nothing, and no
/// commit was ever delivered to it.
[[nodiscard]] std::unique_ptr<Tree> make_absent_tree(std::string why);

}  // namespace amphora::tree
