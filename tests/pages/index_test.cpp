// README.md lists every document of the project.

#include "pages/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

namespace amphora::pages {
namespace {

namespace fs = std::filesystem;

/// The documents below a folder, by their paths from there. Builds are left out.
std::set<std::string> documents_in(const fs::path& root) {
    std::set<std::string> found;
    for (auto at = fs::recursive_directory_iterator{root}; at != fs::end(at); ++at) {
        const std::string name = at->path().filename().string();
        if (at->is_directory() && (name.starts_with(".") || name == "build")) {
            at.disable_recursion_pending();
        } else if (name.ends_with(".md")) {
            found.insert(fs::relative(at->path(), root).string());
        }
    }
    return found;
}

TEST(IndexPage, HasOneLineForEachDocument) {
    std::set<std::string> listed{"README.md"};
    for (const Row& row : rows_below("README.md", "Documents")) {
        ASSERT_EQ(row.size(), 2u) << row.at(0);
        EXPECT_FALSE(row[1].empty()) << row[0];
        EXPECT_TRUE(listed.insert(row[0]).second) << row[0] << " twice";
    }
    EXPECT_EQ(listed, documents_in(AMPHORA_SOURCE_DIR));
}

}  // namespace
}  // namespace amphora::pages
