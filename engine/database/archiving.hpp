#pragma once

#include "database/core.hpp"

namespace amphora {

/// Starts the archiver, if the options or the database name an archive. Called before anything can
/// be recycled. For a read-only database it only finds the directory.
///
/// Invariant: after an opening has named an archive, each later opening for writing continues to
/// archive there, or was told to stop or to use another.
void start_archiving(Core& core);

}  // namespace amphora
