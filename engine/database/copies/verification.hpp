#pragma once

#include "database/core.hpp"
#include "database/directory/unfinished_directory.hpp"

#include <amphora/backup.hpp>

#include <memory>

namespace amphora {

/// Opens the result read-only, as later users will. Throws if its pieces do not fit each other, and
/// `corrupt` if a check was requested and finds something.
[[nodiscard]] std::shared_ptr<Core> open_to_verify(UnfinishedDirectory& unfinished,
                                                   const Options& options, Verification how);

/// Closes it; the directory stays locked.
void close_verified(std::shared_ptr<Core> copy, UnfinishedDirectory& unfinished);

}  // namespace amphora
