#pragma once

#include "base/file_copy.hpp"
#include "tree/lmdb/environment.hpp"

#include <string>

namespace amphora::lmdb {

/// Copies the file as of one commit, while others read and write: see `Tree::copy_to`. The copy
/// counts as a reader; the writer waits only while the first two pages are copied.
///
/// Free pages are copied, too: LMDB 0.9's compacting copy refuses a file whose free list does not
/// add up, and a backup must not depend on that.
void copy_online(Environment& environment, const std::string& directory, const Copied& copied);

}  // namespace amphora::lmdb
