#pragma once

#include "base/bytes.hpp"
#include "document/collection/collections.hpp"
#include "outbox/context.hpp"
#include "relational/table/tables.hpp"

#include <amphora/selection.hpp>
#include <amphora/types.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace amphora::events {

/// One change of a commit, in place: nothing is copied or decoded. It points into the record that
/// it was read from, and into the schema.
struct CommitChange {
    ChangeKind kind = ChangeKind::insert;
    const relational::BoundTable* table = nullptr;  ///< of a row: the newest version
    /// Of a row: the table as it was at the commit; null: as it is now.
    const relational::BoundTable* table_then = nullptr;
    const document::BoundCollection* collection = nullptr;  ///< of a document
    std::string_view name = {};                             ///< table, collection or topic
    bool is_system = false;                                 ///< the name begins with "amphora."
    Bytes key = {};                                         ///< as stored; of a row or document
    /// The row, document or payload; of a schema change the CREATE statement. None: erased.
    std::optional<Bytes> after = std::nullopt;
    std::optional<Bytes> before = std::nullopt;  ///< where it is stored
    outbox::Context context = {};
    Commit commit = {};
    std::int64_t time_us = 0;  ///< of the commit
    std::uint32_t index = 0;   ///< among the changes of the commit, from 1
    bool is_last = false;      ///< of the commit
};

}  // namespace amphora::events
