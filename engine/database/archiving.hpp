#pragma once

#include "database/core.hpp"

namespace amphora {

/// Lets the archiver run, where the options say or the database remembers; to be called before
/// anything can be recycled. Of a database that is only read it finds out where.
///
/// Invariant: where an opening has named an archive, each later one for writing goes on with it, or
/// was told to stop or to go on with another.
void start_archiving(Core& core);

}  // namespace amphora
