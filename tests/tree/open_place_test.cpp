#include "tree/registered_directory.hpp"
#include "tree/tree_fixture.hpp"

#include <gmock/gmock.h>

namespace amphora::tree::testing {
namespace {

std::string message_of_entering(const std::string& directory) {
    try {
        const RegisteredDirectory place(directory, "the tree");
        return "entered";
    } catch (const Error& error) {
        return std::string(error.code_name()) + " " + error.what();
    }
}

TEST(RegisteredDirectory, IsEnteredOnceAtATime) {
    const ScratchDirectory scratch;
    {
        const RegisteredDirectory place(scratch / "", "the tree");
        EXPECT_THAT(message_of_entering(scratch / "."), ::testing::StartsWith("in_use the tree"));
    }
    EXPECT_EQ(message_of_entering(scratch / ""), "entered");
}

/// A new opening is told that this process cannot, and not that somebody should close it.
TEST(RegisteredDirectory, OnceAbandonedIsForAnotherProcess) {
    const ScratchDirectory scratch;
    {
        const RegisteredDirectory place(scratch / "", "the tree");
        place.abandon();
        EXPECT_THAT(message_of_entering(scratch / "."), ::testing::StartsWith("needs_reopen"));
    }
    EXPECT_THAT(message_of_entering(scratch / ""),
                ::testing::AllOf(::testing::StartsWith("needs_reopen the tree"),
                                 ::testing::HasSubstr("end this process")));
}

}  // namespace
}  // namespace amphora::tree::testing
