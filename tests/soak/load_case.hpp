#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace amphora::soak {

struct CaseReport {
    std::vector<std::string> lines;      ///< what was measured
    std::vector<std::string> failures;   ///< what did not hold
    std::optional<std::string> skipped;  ///< why it could not be tried here

    /// Notes a failure unless it holds.
    void require(bool holds, const std::string& what) {
        if (!holds) failures.push_back(what);
    }
};

struct CaseOptions {
    std::string folder;      ///< its own, and empty
    std::uint64_t size = 0;  ///< in the unit of the case
};

/// A special load, and what must hold under it.
struct LoadCase {
    const char* name;
    const char* unit;     ///< of its size
    std::uint64_t usual;  ///< size of the long form
    std::uint64_t brief;  ///< size in the tests
    CaseReport (*run)(const CaseOptions&);
};

// One file each.
CaseReport many_threads(const CaseOptions& options);
CaseReport tiny_transactions(const CaseOptions& options);
CaseReport snapshots_opened_and_dropped(const CaseOptions& options);
CaseReport stalled_documents(const CaseOptions& options);
CaseReport larger_than_memory(const CaseOptions& options);
CaseReport trickle(const CaseOptions& options);

[[nodiscard]] std::span<const LoadCase> load_cases();

/// Runs it in a directory of its own, which it removes unless something failed.
CaseReport run(const LoadCase& load_case, std::uint64_t size);

}  // namespace amphora::soak
