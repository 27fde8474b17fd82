// Every file that a document, or a comment in the sources, names exists.

#include "support/read_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

namespace amphora::pages {
namespace {

namespace fs = std::filesystem;

const fs::path source{AMPHORA_SOURCE_DIR};

/// The project's files with one of these extensions.
std::vector<fs::path> files_with(const std::vector<std::string>& extensions) {
    std::vector<fs::path> found{source / "README.md"};
    for (const char* const folder :
         {"benchmarks", "engine", "include", "schema", "tests", "tools"}) {
        for (const auto& entry : fs::recursive_directory_iterator{source / folder}) {
            for (const std::string& extension : extensions) {
                if (entry.path().extension() == extension) found.push_back(entry.path());
            }
        }
    }
    return found;
}

/// A path may begin at the top, in the folder of the file that names it, or where includes begin.
bool exists(const fs::path& by, const std::string& named) {
    for (const fs::path& folder : {source, by.parent_path(), source / "engine", source / "include",
                                   source / "tests", source / "tools"}) {
        if (fs::exists(folder / named)) return true;
    }
    return false;
}

/// How many paths the files name. Every one of them must exist.
std::size_t expect_existing(const std::vector<fs::path>& files, const std::string& pattern) {
    const std::regex path{pattern};
    std::size_t count = 0;
    for (const fs::path& file : files) {
        const std::string text = support::read_file(file.string());
        for (std::sregex_iterator at{text.begin(), text.end(), path}, end; at != end; ++at) {
            ++count;
            EXPECT_TRUE(exists(file, (*at)[1])) << file << " names " << (*at)[1];
        }
    }
    return count;
}

/// Files are moved and renamed, and what names them is easily forgotten.
TEST(Documents, NameOnlyFilesThatExist) {
    const std::string pattern =
        R"re(`((?:[A-Za-z_]+/)+[A-Za-z_]+\.(?:md|hpp|cpp|sql|cmake)|[A-Z]+\.md)[`:])re";
    EXPECT_GT(expect_existing(files_with({".md"}), pattern), 20u);
}

TEST(Comments, NameOnlyHeadersThatExist) {
    const std::string pattern = R"re(// [^\n]*?\b((?:[a-z_]+/)+[a-z_]+\.(?:hpp|cpp))\b)re";
    EXPECT_GT(expect_existing(files_with({".hpp", ".cpp"}), pattern), 5u);
}

}  // namespace
}  // namespace amphora::pages
