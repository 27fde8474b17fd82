// benchmarks/README.md lists every workload and every part that is measured.

#include "pages/page.hpp"
#include "support/read_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <string>

namespace amphora::pages {
namespace {

const std::string page = "benchmarks/README.md";

std::set<std::string> on_page(const std::string& heading) {
    std::set<std::string> names;
    for (const Row& row : rows_below(page, heading)) names.insert(row.at(0));
    return names;
}

void add_matches(std::set<std::string>& names, const std::string& text,
                 const std::string& pattern) {
    const std::regex wanted{pattern};
    for (std::sregex_iterator at{text.begin(), text.end(), wanted}, end; at != end; ++at) {
        names.insert((*at)[1]);
    }
}

TEST(BenchmarksPage, ListsEveryWorkload) {
    std::set<std::string> there;
    add_matches(there, support::read_file(AMPHORA_SOURCE_DIR "/benchmarks/versus/workload.cpp"),
                R"re(\{"([a-z0-9-]+)", ")re");
    EXPECT_EQ(on_page("Against SQLite and raw limits"), there);
}

TEST(BenchmarksPage, ListsEveryPartThatIsMeasured) {
    std::set<std::string> there;
    const std::filesystem::path folder{AMPHORA_SOURCE_DIR "/benchmarks/micro"};
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.path().extension() != ".cpp") continue;
        add_matches(there, support::read_file(entry.path().string()),
                    R"re(\nBENCHMARK(?:_CAPTURE)?\(([a-z_]+))re");
    }
    EXPECT_EQ(on_page("Part by part"), there);
}

}  // namespace
}  // namespace amphora::pages
