#include "soak/load_case.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

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
    std::string folder = (std::filesystem::temp_directory_path() / "amphora-case-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) {
        throw std::runtime_error{"cannot make a directory for a case"};
    }
    CaseReport report;
    try {
        report = load_case.run({.folder = folder, .size = size});
    } catch (const std::exception& error) {
        report.failures.push_back(error.what());
    }
    if (report.failures.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    } else {
        report.failures.push_back("kept in " + folder);
    }
    return report;
}

}  // namespace amphora::soak
