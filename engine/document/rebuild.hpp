#pragma once

#include "document/collection/collections.hpp"
#include "transaction/reading.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

/// Makes a collection consistent whose documents were recovered one by one from a damaged one. See
/// relational/rebuild.hpp. Tables come first, because documents refer to rows.
namespace amphora::document {

/// Called with a document that cannot stay, and the reason.
using Refused = std::function<void(Bytes key, Bytes value, const std::string& why)>;

[[nodiscard]] std::optional<Buffer> rebuild_documents(transaction::Writing& writing,
                                                      const BoundCollection& collection, Bytes from,
                                                      std::size_t documents_max,
                                                      const Refused& refused);

[[nodiscard]] std::optional<Buffer> rebuild_indexes(transaction::Writing& writing,
                                                    const BoundCollection& collection, Bytes from,
                                                    std::size_t documents_max,
                                                    const Refused& refused);

}  // namespace amphora::document
