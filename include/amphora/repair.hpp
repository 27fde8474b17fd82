#pragma once

#include <amphora/types.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace amphora {

enum class RepairMode : std::uint8_t {
    dry_run,  ///< makes the repaired database, reports on it, and removes it again
    apply,    ///< and puts it in the place of the damaged one, which is kept beside it
};

/// What `Database::repair_directory` found and did, or would do.
struct RepairReport {
    std::vector<std::string> findings;  ///< of the check; empty: nothing to repair
    /// What the repaired database lacks, or may lack, compared by version: an entry of which it has
    /// a newer version is not missing. What is in quarantine is not listed.
    std::vector<std::string> losses;
    std::vector<std::string> notes;  ///< damage that alone does not mean that anything is missing
    /// Nothing is missing: no losses, and nothing in quarantine. True also if there was nothing to
    /// repair.
    bool whole = false;
    std::uint64_t rows = 0, documents = 0;  ///< in the repaired database
    std::uint64_t rows_quarantined = 0, documents_quarantined = 0;
    std::uint64_t commits_replayed = 0;  ///< from what the journal still holds
    Sequence last{};                     ///< the commit that the repaired database ends with
    bool identity_only = false;          ///< only the file IDENTITY had to be made again
    bool applied = false;
    std::string timeline;         ///< of the repaired database: a new one, unless identity_only
    std::string quarantine_path;  ///< one JSON object a line; empty: nothing was quarantined
    std::string damaged_path;     ///< where the damaged database is kept; empty if not applied
};

}  // namespace amphora
