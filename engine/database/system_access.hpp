#pragma once

#include <amphora/database.hpp>

#include <string_view>

namespace amphora::detail {

/// The way to system tables and collections for what is no part of the engine and must write to
/// them: the loading of a dump, and tests. The engine itself writes through `stores`, which has no
/// guard.
class SystemAccess {
  public:
    /// From now on transactions of this handle may write to system tables and collections.
    static void allow_writes(Database& database);

    /// Throws `invalid_argument`: only the engine writes to `name`, a "table" or "collection".
    [[noreturn]] static void refuse_write(std::string_view kind, std::string_view name);
};

}  // namespace amphora::detail
