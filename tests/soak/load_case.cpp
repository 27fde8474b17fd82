#include "soak/load_case.hpp"

#include "support/scratch_directory.hpp"

#include <array>
#include <exception>

namespace amphora::soak {
namespace {

constexpr std::array all{
    LoadCase{"many_threads", "seconds", 60, 1, many_threads},
    LoadCase{"tiny", "transactions", 1'000'000, 1'600, tiny_transactions},
    LoadCase{"snapshots", "snapshots", 10'000, 1'000, snapshots_opened_and_dropped},
    LoadCase{"stalled_documents", "seconds", 180, 1, stalled_documents},
    LoadCase{"larger_than_memory", "MB of memory", 64, 56, larger_than_memory},
    LoadCase{"trickle", "seconds", 120, 1, trickle},
};

}  // namespace

std::span<const LoadCase> load_cases() {
    return all;
}

CaseReport run(const LoadCase& load_case, std::uint64_t size) {
    support::ScratchDirectory folder{support::Scratch::disk, "case"};
    CaseReport report;
    try {
        report = load_case.run({.folder = folder.path(), .size = size});
    } catch (const std::exception& error) {
        report.failures.push_back(error.what());
    }
    if (!report.failures.empty()) {
        folder.keep();
        report.failures.push_back("kept in " + folder.path());
    }
    return report;
}

}  // namespace amphora::soak
