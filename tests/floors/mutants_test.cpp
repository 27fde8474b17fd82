// Every breakage that stands in the code is one that tools/mutants knows.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace {

namespace fs = std::filesystem;

const fs::path source{AMPHORA_SOURCE_DIR};

/// "engine/outbox/gate.cpp RECYCLE_EARLY"
using Breakages = std::set<std::string>;

Breakages in_the_code() {
    const std::regex mention{"AMPHORA_MUTANT_([A-Z0-9_]+)"};
    Breakages found;
    for (const auto& entry : fs::recursive_directory_iterator{source / "engine"}) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file{entry.path()};
        for (std::string line; std::getline(file, line);) {
            std::smatch name;
            if (!std::regex_search(line, name, mention)) continue;
            found.insert(fs::relative(entry.path(), source).string() + " " + name[1].str());
        }
    }
    return found;
}

Breakages in_the_lists() {
    Breakages found;
    for (const auto& entry : fs::directory_iterator{source / "tests/mutants"}) {
        std::ifstream file{entry.path()};
        for (std::string line; std::getline(file, line);) {
            std::istringstream words{line};
            std::string name;
            std::string bar;
            std::string path;
            if (words >> name >> bar >> path && bar == "|") found.insert(path + " " + name);
        }
    }
    return found;
}

/// A breakage without a line would never be tried, and a line without a breakage shows nothing.
TEST(Mutants, EachHasItsLine) {
    const Breakages code = in_the_code();
    const Breakages lists = in_the_lists();
    EXPECT_FALSE(code.empty());
    for (const std::string& one : code) EXPECT_TRUE(lists.contains(one)) << one << " has no line";
    for (const std::string& one : lists) EXPECT_TRUE(code.contains(one)) << one << " is not there";
}

}  // namespace
