#pragma once

#include "corruption/telling.hpp"
#include "workload/model.hpp"

#include <amphora/database.hpp>

#include <span>

namespace amphora::corruption {

/// Reads all documents of each collection in every direction, by `find` and through an index: each
/// result is all of them or an error.
void ask_for_all_documents(const Reader& reader, std::span<const workload::Model> models,
                           Telling& telling);

/// Erases all documents of each collection in transactions that are then abandoned: each selects
/// all of them or throws.
void change_all_documents(Database& database, std::span<const workload::Model> models,
                          Telling& telling);

}  // namespace amphora::corruption
