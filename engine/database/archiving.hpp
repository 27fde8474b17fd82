#pragma once

#include "database/core.hpp"
#include "journal/archive/segment_copy.hpp"

namespace amphora {

/// Makes the archiver, if the options or the database name an archive. Called before anything can
/// be recycled. For a read-only database it only finds the directory.
///
/// Invariant: after an opening has named an archive, each later opening for writing continues to
/// archive there, or was told to stop or to use another.
void start_archiving(Core& core);

/// What is archived with the segments of this database, which must outlive it. A catalog can be read
/// once both trees have been brought up to date.
[[nodiscard]] journal::ArchivedCatalogs archived_catalogs(const Core& core);

}  // namespace amphora
