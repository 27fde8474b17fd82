#include "database/system_access.hpp"

#include "database/core.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::detail {

void SystemAccess::allow_writes(Database& database) {
    database.core().may_write_system_spaces = true;
}

void SystemAccess::refuse_write(std::string_view kind, std::string_view name) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("{} is a system {}: it can be read, and only the engine writes to it; "
                            "keep data of your own in a {} of your schema",
                            name, kind, kind)};
}

}  // namespace amphora::detail
