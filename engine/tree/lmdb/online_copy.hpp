#pragma once

#include "base/file_copy.hpp"
#include "tree/lmdb/environment.hpp"

#include <string>

namespace amphora::lmdb {

/// A copy of the file as of one commit, beside readers and the writer: see `Tree::copy_to`. A
/// reader for as long as it takes; the writer waits only while the first two pages are copied.
///
/// Free pages are copied, too: LMDB 0.9's compacting copy refuses a file whose free list it cannot
/// account for, and a backup must not depend on that.
void copy_online(Environment& environment, const std::string& directory, const Copied& copied);

}  // namespace amphora::lmdb
