#pragma once

#include <amphora/types.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace amphora {

enum class RepairMode : std::uint8_t {
    dry_run,  ///< makes the repaired database, reports on it, and removes it again
    apply,    ///< and puts it in the place of the damaged one, which is kept next to it
};

/// The result of `Database::repair_directory`.
struct RepairReport {
    std::vector<std::string> findings;  ///< of the check; empty: nothing to repair
    /// What is missing, or may be missing, in the repaired database. An entry of which the repaired
    /// database has a newer version is not missing. Entries in quarantine are not listed.
    std::vector<std::string> losses;
    /// Damage that does not mean by itself that anything is missing.
    std::vector<std::string> notes;
    /// True if nothing is missing: no losses, and nothing in quarantine. Also true if there was
    /// nothing to repair.
    bool whole = false;
    std::uint64_t rows = 0, documents = 0;  ///< in the repaired database
    std::uint64_t rows_quarantined = 0, documents_quarantined = 0;
    std::uint64_t commits_replayed = 0;  ///< from the commits that the journal still holds
    Sequence last{};                     ///< the last commit of the repaired database
    /// Only the file IDENTITY was damaged, and was written again. It does not name the timelines from
    /// before earlier restores any more, so positions of these are `unknown_position`.
    bool identity_only = false;
    /// The repaired database has taken the place of the damaged one.
    bool applied = false;
    std::string timeline;  ///< of the repaired database: a new one, unless identity_only
    /// The file of quarantined entries, one JSON object a line; empty: there is none.
    std::string quarantine_path;
    std::string damaged_path;  ///< where the damaged database is kept; empty if not applied
};

}  // namespace amphora
