#pragma once

#include "base/file_copy.hpp"
#include "tree/lmdb/foreign/view_pages.hpp"

#include <string>

namespace amphora::lmdb {

/// Copies a view into a new file in `directory`: see `Tree::copy_to`. Opened, the copy has the
/// view's contents and mark, and its next transaction has the view's number plus one. Free pages are
/// copied, too. Throws `snapshot_expired` if the validity ends meanwhile; then the copy is useless.
void copy_view(const ViewPages& view, const std::string& directory, const Copied& copied);

}  // namespace amphora::lmdb
