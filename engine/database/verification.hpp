#pragma once

#include "database/core.hpp"
#include "database/unfinished_directory.hpp"

#include <amphora/backup.hpp>

#include <memory>

namespace amphora {

/// Opens what was made, read-only, as whoever uses it later will: throws if its pieces do not fit
/// each other, or `corrupt` if a check was asked for and finds something.
[[nodiscard]] std::shared_ptr<Core> open_to_verify(UnfinishedDirectory& unfinished,
                                                   const Options& options, Verification how);

/// Closes it again; the directory stays locked.
void close_verified(std::shared_ptr<Core> copy, UnfinishedDirectory& unfinished);

}  // namespace amphora
