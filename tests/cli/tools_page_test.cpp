// tools/README.md: it has every command and every option, and its session runs as it says.

#include "cli/command_line_test.hpp"
#include "pages/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace amphora {
namespace {

const std::string page = "tools/README.md";

class ToolsPageTest : public CommandLineTest {
  protected:
    std::vector<std::string> commands() const {
        std::vector<std::string> names;
        for (const pages::Row& row : pages::rows_below(page, "The command line")) {
            // The table of exit codes is below the same heading.
            if (row.at(0).find_first_of("0123456789") == std::string::npos) {
                names.push_back(row.at(0));
            }
        }
        return names;
    }
};

std::vector<std::string> words_like(const std::string& text, const std::string& pattern) {
    std::vector<std::string> words;
    const std::regex wanted{pattern};
    for (std::sregex_iterator at{text.begin(), text.end(), wanted}, end; at != end; ++at) {
        words.push_back((*at)[1]);
    }
    return words;
}

TEST_F(ToolsPageTest, ListsTheCommandsThatHelpLists) {
    EXPECT_EQ(commands(), words_like(amphora("help").text, "\n  ([a-z-]+) +"));
}

TEST_F(ToolsPageTest, ListsTheOptionsOfEachCommand) {
    for (const std::string& command : commands()) {
        std::vector<std::string> options;
        for (const pages::Row& row : pages::rows_below(page, command)) {
            options.push_back(row.at(0).substr(0, row.at(0).find(' ')));
        }
        EXPECT_THAT(options, testing::UnorderedElementsAreArray(
                                 words_like(amphora("help " + command).text, "\n  (--[a-z-]+) +")))
            << command;
    }
}

/// The lines of the page that call a command, from the session on.
std::vector<std::string> session() {
    std::istringstream lines{support::read_file(AMPHORA_SOURCE_DIR "/" + page)};
    std::vector<std::string> calls;
    bool has_begun = false;
    for (std::string line; std::getline(lines, line);) {
        has_begun = has_begun || line == "### init";
        if (line == "## Operation") break;
        if (has_begun && line.starts_with("    ")) calls.push_back(line.substr(4));
    }
    return calls;
}

TEST_F(ToolsPageTest, TheSessionRunsAsThePageSays) {
    write("app.sql", pages::first_block(page, "sql"));
    write("users.csv", pages::first_block(page, "csv"));
    write("logs.jsonl", pages::first_block(page, "json"));
    const std::vector<std::string> calls = session();
    ASSERT_GT(calls.size(), 20u);
    std::set<std::string> called;
    for (const std::string& call : calls) {
        const std::size_t at = call.find("amphora ");
        ASSERT_NE(at, std::string::npos) << call;
        const std::string words = call.substr(at + 8);
        called.insert(words.substr(0, words.find(' ')));
        const std::size_t said = call.find("# exit code ");
        const int expected = said == std::string::npos ? 0 : call.at(said + 12) - '0';
        const Answer answer = shell(call.substr(0, at) + AMPHORA_CLI + " " + words);
        EXPECT_EQ(answer.code, expected) << call << "\n" << answer.text;
    }
    const std::vector<std::string> all = commands();
    EXPECT_THAT(called, testing::UnorderedElementsAreArray(all));
}

TEST_F(ToolsPageTest, TheFiguresToWatchAreThoseOfStats) {
    make_shop();
    const Document stats = Document::from_json(amphora("stats db --json").text);
    for (const pages::Row& row : pages::rows_below(page, "What to watch")) {
        const std::string path = std::regex_replace(row.at(0), std::regex{"\\[\\]"}, ".0");
        EXPECT_TRUE(stats.find(path).has_value()) << row.at(0);
    }
}

/// Every command takes --json except dump.
TEST_F(ToolsPageTest, OnlyDumpTakesNoJson) {
    for (const std::string& command : commands()) {
        const Answer answer = amphora(command + " --json");
        const bool is_unknown = answer.text.find("unknown option --json") != std::string::npos;
        EXPECT_EQ(is_unknown, command == "dump") << answer.text;
    }
}

/// Each program in tools/ is explained.
TEST_F(ToolsPageTest, ListsEveryScript) {
    std::set<std::string> on_page;
    for (const pages::Row& row : pages::rows_below(page, "Scripts")) {
        for (const std::string& name : words_like(row.at(0), "([a-z_]+)")) on_page.insert(name);
    }
    std::set<std::string> there;
    for (const auto& entry : std::filesystem::directory_iterator{AMPHORA_SOURCE_DIR "/tools"}) {
        const bool is_program = entry.is_regular_file() && (entry.status().permissions() &
                                                            std::filesystem::perms::owner_exec) !=
                                                               std::filesystem::perms::none;
        if (is_program) there.insert(entry.path().filename().string());
    }
    EXPECT_EQ(on_page, there);
}

}  // namespace
}  // namespace amphora
