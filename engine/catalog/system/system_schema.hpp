#pragma once

#include "catalog/definition/definition.hpp"

/// The engine's own tables and collections. Each opening for writing makes those that a database
/// lacks, in the commit that also adds what the user's schema lacks. They are ordinary spaces: every
/// part of the engine below the public interface treats them as it treats a user's.
namespace amphora::catalog {

/// The system schema of this version of the library. A later version adds tables, collections,
/// columns and fields at the end, and indexes that are not unique; it changes and removes nothing.
[[nodiscard]] const Definition& system_definition();

/// The tables and collections of the system schema that `stored` lacks, or of which it has fewer
/// columns, fields or indexes. A later version of the library may have added more of these; such a
/// table is not among the result, and stays as it is.
[[nodiscard]] Definition missing_system_definition(const Definition& stored);

}  // namespace amphora::catalog
