#pragma once

#include "workload/model.hpp"

#include <amphora/document.hpp>
#include <amphora/reader.hpp>

namespace amphora::workload {

// Conversions between the database's values and the model's. A document that the workload would not
// have written throws Disagreement.
[[nodiscard]] Owner owner_of(const Record& row);
[[nodiscard]] Note note_of(DocumentView document);
[[nodiscard]] Picture picture_of(DocumentView document);
[[nodiscard]] Document document_of(std::int64_t id, const Note& note);
[[nodiscard]] Document document_of(std::int64_t id, const Picture& picture);
[[nodiscard]] Document document_of(std::int64_t id, const Trail& trail);
[[nodiscard]] Document expired_document_of(std::int64_t trail);
[[nodiscard]] bool has_expired(DocumentView trail);
/// Selects the trails that have not expired.
[[nodiscard]] Document living_trails();

/// How many transactions of a thread a snapshot shows: the greater number of both stores.
[[nodiscard]] std::uint64_t position(const Reader& reader, std::uint32_t thread);

/// Everything that the thread's ranges hold, by walking the primary keys. `next_id`, `next_serial`
/// stay as in a new model.
[[nodiscard]] Model read_model(const Reader& reader, std::uint32_t thread);

}  // namespace amphora::workload
