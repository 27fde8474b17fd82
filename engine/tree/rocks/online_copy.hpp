#pragma once

#include "base/file_copy.hpp"
#include "tree/rocks/opened_database.hpp"

#include <string>

namespace amphora::rocks {

/// The table files of one moment, linked where that can be, and what names them: see
/// `Tree::copy_to`. Nothing is flushed for it, so it asks nothing of the database: what lies in
/// memory is in the journal, too.
void copy_online(OpenedDatabase& database, const std::string& directory, const Copied& copied);

}  // namespace amphora::rocks
