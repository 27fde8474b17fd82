#pragma once

#include "base/file_copy.hpp"
#include "tree/rocks/database/opened_database.hpp"

#include <string>

namespace amphora::rocks {

/// Copies the table files of one moment, linked where possible, and the files that list them: see
/// `Tree::copy_to`. Nothing is flushed for it, so it does not burden the database: the contents of
/// memtables are in the journal, too.
void copy_online(OpenedDatabase& database, const std::string& directory, const Copied& copied);

}  // namespace amphora::rocks
