// The help of the command line, for someone who has not read the documents.

#include "cli/command_line_test.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace amphora {
namespace {

using testing::HasSubstr;

class HelpTest : public CommandLineTest {
  protected:
    /// The commands that the overview lists.
    std::set<std::string> commands() const {
        std::set<std::string> names;
        const std::string overview = amphora("help").text;
        const std::regex name{"\n  ([a-z]+) +"};
        for (std::sregex_iterator at{overview.begin(), overview.end(), name}, end; at != end;
             ++at) {
            names.insert((*at)[1]);
        }
        return names;
    }
};

TEST_F(HelpTest, SaysItsVersion) {
    const Answer answer = amphora("--version");
    EXPECT_EQ(answer.code, 0);
    EXPECT_EQ(answer.text, "amphora " AMPHORA_VERSION "\n");
}

/// Every option in a command's usage has a line that explains it, whichever way help is asked for.
TEST_F(HelpTest, ExplainsEveryOptionOfEveryCommand) {
    const std::set<std::string> names = commands();
    ASSERT_GE(names.size(), 13u);
    for (const std::string& name : names) {
        const Answer help = amphora("help " + name);
        EXPECT_EQ(help.code, 0) << name;
        EXPECT_EQ(help.text, amphora(name + " --help").text);
        EXPECT_EQ(help.text, amphora(name + " db --help").text);
        const std::string usage = help.text.substr(0, help.text.find('\n'));
        EXPECT_THAT(usage, HasSubstr("usage: amphora " + name + " "));
        const std::regex option{"--[a-z-]+"};
        for (std::sregex_iterator at{usage.begin(), usage.end(), option}, end; at != end; ++at) {
            EXPECT_TRUE(std::regex_search(help.text, std::regex{"\n  " + at->str() + " +[a-z]"}))
                << name << ": " << at->str() << "\n"
                << help.text;
        }
    }
}

/// The usage line names every option that the command takes.
TEST_F(HelpTest, NamesEveryOptionThatIsTaken) {
    std::set<std::string> options;
    for (const std::string& name : commands()) {
        const std::string help = amphora("help " + name).text;
        const std::regex option{"--([a-z-]+)"};
        for (std::sregex_iterator at{help.begin(), help.end(), option}, end; at != end; ++at) {
            options.insert((*at)[1]);
        }
    }
    for (const std::string& name : commands()) {
        const std::string help = amphora("help " + name).text;
        for (const std::string& option : options) {
            const bool is_taken =
                amphora(fmt::format("{} --{}=x", name, option)).text.find("unknown option") ==
                std::string::npos;
            const bool is_named = help.find("--" + option) != std::string::npos;
            EXPECT_EQ(is_taken, is_named) << name << " --" << option;
        }
    }
}

/// `--json=false` would print JSON.
TEST_F(HelpTest, AnOptionWithoutAValueTakesNone) {
    const Answer answer = amphora("tables db --json=false");
    EXPECT_EQ(answer.code, 2);
    EXPECT_THAT(answer.text, HasSubstr("amphora tables: option --json takes no value"));
}

TEST_F(HelpTest, AnUnknownCommandIsAnsweredWithThoseThatThereAre) {
    for (const char* const words : {"tabels db", "help tabels"}) {
        const Answer answer = amphora(words);
        EXPECT_EQ(answer.code, 2);
        EXPECT_THAT(answer.text, HasSubstr("there is no command 'tabels'; there are init, "));
        EXPECT_THAT(answer.text, HasSubstr("tables"));
    }
}

/// After `--` a word is a name, not a question.
TEST_F(HelpTest, AWordAfterTwoDashesIsPlain) {
    make_shop();
    const Answer answer = amphora("dump db -- --help");
    EXPECT_EQ(answer.code, 3);
    EXPECT_THAT(answer.text, HasSubstr("has no table or collection --help"));
}

}  // namespace
}  // namespace amphora
