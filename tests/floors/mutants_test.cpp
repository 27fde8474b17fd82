// The breakages of tests/mutants fit the sources that they break, and the sources know nothing of
// them.

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "mutants/breakages.hpp"
#include "support/read_file.hpp"

namespace {

namespace fs = std::filesystem;
namespace mutants = amphora::mutants;

const fs::path source{AMPHORA_SOURCE_DIR};

/// An edit whose lines were changed would break nothing, and its test would guard nothing any more.
TEST(Mutants, EachEditFitsItsSourceOnce) {
    const auto all = mutants::read_all((source / "tests/mutants").string());
    EXPECT_FALSE(all.empty());
    for (const mutants::Breakage& breakage : all) {
        std::string path;
        std::string text;
        for (const mutants::Edit& edit : breakage.edits) {
            if (edit.path != path) {
                text = amphora::support::read_file((source / edit.path).string());
            }
            path = edit.path;
            EXPECT_NO_THROW(text = mutants::applied(edit, text)) << breakage.name;
        }
    }
}

TEST(Mutants, EachNamesATestFolderThatExists) {
    for (const auto& breakage : mutants::read_all((source / "tests/mutants").string())) {
        ASSERT_TRUE(breakage.target.starts_with("test_")) << breakage.name;
        EXPECT_TRUE(fs::exists(source / "tests" / breakage.target.substr(5) / "CMakeLists.txt"))
            << breakage.name << " asks for " << breakage.target;
    }
}

/// Readers of the engine must not have to skip code that is broken on purpose.
TEST(Mutants, LeaveNoTraceInTheSources) {
    for (const char* const folder : {"engine", "include", "tools"}) {
        for (const auto& entry : fs::recursive_directory_iterator{source / folder}) {
            if (!entry.is_regular_file()) continue;
            EXPECT_EQ(amphora::support::read_file(entry.path().string()).find("AMPHORA_MUTANT"),
                      std::string::npos)
                << entry.path();
        }
    }
}

TEST(Breakages, AreReadAsTheyAreWritten) {
    const auto all = mutants::parse(
        "# a comment\n"
        "breakage: ONE\nstory: what: and why\ntest: test_x A.*:B.*\nhangs: yes\n"
        "edit: a.cpp\n stays\n-goes\n\n+comes\n\n"
        "edit: b.cpp\n-gone\n\n"
        "breakage: TWO\nstory: s\ntest: test_y C.*\nedit: a.cpp\n+first\n begin\n",
        "x.mutants");
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].name, "ONE");
    EXPECT_EQ(all[0].story, "what: and why");
    EXPECT_EQ(all[0].target, "test_x");
    EXPECT_EQ(all[0].filter, "A.*:B.*");
    EXPECT_TRUE(all[0].hangs);
    ASSERT_EQ(all[0].edits.size(), 2u);
    EXPECT_EQ(all[0].edits[0].found, "stays\ngoes\n\n");
    EXPECT_EQ(all[0].edits[0].replacement, "stays\n\ncomes\n");
    EXPECT_EQ(all[0].edits[1].path, "b.cpp");
    EXPECT_EQ(all[0].edits[1].replacement, "");
    EXPECT_FALSE(all[1].hangs);
    EXPECT_EQ(all[1].edits[0].found, "begin\n");
    EXPECT_EQ(all[1].edits[0].replacement, "first\nbegin\n");
}

TEST(Breakages, AreRefusedWhereTheyAreIncomplete) {
    const std::string head = "breakage: A\nstory: s\ntest: test_x A.*\n";
    EXPECT_THROW(mutants::parse(head, "x"), std::runtime_error);
    EXPECT_THROW(mutants::parse(head + "edit: a.cpp\n same\n", "x"), std::runtime_error);
    EXPECT_THROW(mutants::parse("story: s\n", "x"), std::runtime_error);
    EXPECT_THROW(mutants::parse(head + "file: a.cpp\n", "x"), std::runtime_error);
    EXPECT_THROW(mutants::parse(head + "edit: a.cpp\nno mark\n", "x"), std::runtime_error);
}

TEST(Breakages, ApplyToWholeLinesThatOccurOnce) {
    const mutants::Edit edit{"a.cpp", "return;\n", "throw;\n"};
    EXPECT_EQ(mutants::applied(edit, "a;\nreturn;\nb;\n"), "a;\nthrow;\nb;\n");
    EXPECT_EQ(mutants::applied(edit, "co_return;\nreturn;\n"), "co_return;\nthrow;\n");
    EXPECT_THROW(mutants::applied(edit, "return;\nreturn;\n"), std::runtime_error);
    EXPECT_THROW(mutants::applied(edit, "return 1;\n"), std::runtime_error);
}

}  // namespace
