// The matrix in README.md is complete, and every test that it names is there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace amphora::pitfalls {
namespace {

namespace fs = std::filesystem;

const fs::path source{AMPHORA_SOURCE_DIR};

/// "Suite.Name" of every test below tests/.
std::set<std::string> tests_in_source() {
    static const std::regex test{R"(TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))"};
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator{source / "tests"}) {
        if (!entry.path().string().ends_with("_test.cpp")) continue;
        std::ifstream file{entry.path()};
        for (std::string line; std::getline(file, line);) {
            std::smatch found;
            if (std::regex_search(line, found, test)) {
                names.insert(found[1].str() + "." + found[2].str());
            }
        }
    }
    return names;
}

/// The tests of each row: "| L5 | fact | what the engine does | `Suite.Name`, `Suite.Name` |".
std::map<std::string, std::vector<std::string>> rows_of_matrix() {
    static const std::regex row{R"(^\| ([LRBG]\d+) \|)"};
    static const std::regex name{R"(`(\w+\.\w+)`)"};
    std::map<std::string, std::vector<std::string>> rows;
    std::ifstream file{source / "tests/pitfalls/README.md"};
    for (std::string line; std::getline(file, line);) {
        std::smatch found;
        if (!std::regex_search(line, found, row)) continue;
        std::vector<std::string>& tests = rows[found[1]];
        // The last column only: others may name files.
        const std::string last = line.substr(line.rfind('|', line.size() - 2));
        for (std::sregex_iterator at{last.begin(), last.end(), name}, end; at != end; ++at) {
            tests.push_back((*at)[1]);
        }
    }
    return rows;
}

/// A row without a test proves nothing, and a test that was renamed or removed leaves such a row.
TEST(Matrix, EveryRowNamesTestsThatExist) {
    const std::set<std::string> tests = tests_in_source();
    EXPECT_GT(tests.size(), 300u);
    for (const auto& [row, named] : rows_of_matrix()) {
        EXPECT_FALSE(named.empty()) << row << " names no test";
        for (const std::string& test : named) {
            EXPECT_TRUE(tests.contains(test)) << row << " names " << test << ", which is not there";
        }
    }
}

/// No number is missing: a pitfall that was known once stays known.
TEST(Matrix, NoRowIsMissing) {
    std::map<char, std::set<int>> numbers;
    for (const auto& [row, named] : rows_of_matrix()) {
        numbers[row[0]].insert(std::stoi(row.substr(1)));
    }
    const std::map<char, int> known{{'L', 18}, {'R', 16}, {'B', 6}, {'G', 18}};
    for (const auto& [kind, last] : known) {
        for (int number = 1; number <= last; ++number) {
            EXPECT_TRUE(numbers[kind].contains(number)) << kind << number;
        }
    }
}

/// The tests of this folder are all in the matrix: a test that nobody can find is soon written
/// again.
TEST(Matrix, NamesEveryTestBesideIt) {
    std::set<std::string> named;
    for (const auto& [row, tests] : rows_of_matrix()) named.insert(tests.begin(), tests.end());
    static const std::regex test{R"(TEST(?:_F)?\((\w+), (\w+)\))"};
    for (const auto& entry : fs::directory_iterator{source / "tests/pitfalls"}) {
        if (!entry.path().string().ends_with("_test.cpp")) continue;
        std::ifstream file{entry.path()};
        for (std::string line; std::getline(file, line);) {
            std::smatch found;
            if (!std::regex_search(line, found, test) || found[1] == "Matrix") continue;
            EXPECT_TRUE(named.contains(found[1].str() + "." + found[2].str())) << line;
        }
    }
}

}  // namespace
}  // namespace amphora::pitfalls
