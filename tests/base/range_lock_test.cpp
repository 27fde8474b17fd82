#include "base/range_lock.hpp"

#include "support/code_of.hpp"
#include "support/scratch_directory.hpp"

#include <amphora/error.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace amphora {
namespace {

using support::code_of;

class RangeLockTest : public ::testing::Test {
  protected:
    support::ScratchDirectory scratch_;
    std::string path_ = scratch_ / "OBSERVERS";
    RangeLockQuestion question_{path_};
};

/// The file is empty, and the bytes may be far after its end.
TEST_F(RangeLockTest, TheQuestionFindsExactlyTheBytesThatAreHeld) {
    constexpr std::uint64_t far = (7ull << 32) + 1000;
    RangeLock lock{path_};
    EXPECT_FALSE(question_.is_held(0, 1));
    lock.hold(0);
    lock.hold(far);
    EXPECT_TRUE(question_.is_held(0, 1));
    EXPECT_FALSE(question_.is_held(1, far));
    EXPECT_TRUE(question_.is_held(far, far + 1));
    EXPECT_TRUE(question_.is_held(1, far + 100));
    EXPECT_FALSE(question_.is_held(far + 1, far + 100));
    lock.release(far);
    EXPECT_FALSE(question_.is_held(1, far + 100));
    EXPECT_TRUE(question_.is_held(0, 1));
    EXPECT_EQ(std::filesystem::file_size(path_), 0u);
}

TEST_F(RangeLockTest, EachHolderHasItsOwn) {
    RangeLock first{path_};
    first.hold(0);
    {
        RangeLock second{path_};
        second.hold(0);
        second.release(0);
        EXPECT_TRUE(question_.is_held(0, 1)) << "the first one's";
        second.hold(5);
    }
    EXPECT_TRUE(question_.is_held(0, 1));
    EXPECT_FALSE(question_.is_held(5, 6)) << "closed";
}

/// The question holds nothing itself: no other process finds a lock because of it.
TEST_F(RangeLockTest, AskingIsNoHolding) {
    const RangeLockQuestion other{path_};
    EXPECT_FALSE(other.is_held(0, 1000));
    EXPECT_FALSE(question_.is_held(0, 1000));
}

/// However it ends, a process leaves nothing.
TEST_F(RangeLockTest, AKilledHolderLeavesNothing) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        RangeLock lock{path_};
        lock.hold(0);
        lock.hold(3ull << 32);
        static_cast<void>(!::write(ready[1], "x", 1));
        for (;;) ::pause();
    }
    char is_ready = 0;
    ASSERT_EQ(::read(ready[0], &is_ready, 1), 1);
    EXPECT_TRUE(question_.is_held(0, 1));
    EXPECT_TRUE(question_.is_held(3ull << 32, 4ull << 32));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_FALSE(question_.is_held(0, 4ull << 32));
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_F(RangeLockTest, ThePermissionToReadSuffices) {
    if (::geteuid() != 0) GTEST_SKIP() << "becoming another user needs root";
    std::filesystem::permissions(scratch_.path(), std::filesystem::perms{0755});
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setresuid(65534, 65534, 65534) != 0) ::_exit(2);
        try {
            RangeLock lock{path_};
            lock.hold(0);
            ::_exit(question_.is_held(0, 1) ? 0 : 1);
        } catch (...) {
            ::_exit(3);
        }
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST_F(RangeLockTest, AMissingFileIsMadeByTheOneThatAsksOnly) {
    const std::string other = scratch_ / "other";
    EXPECT_EQ(code_of([&] { const RangeLock lock{other}; }), ErrorCode::io_error);
    const RangeLockQuestion question{other};
    EXPECT_NO_THROW(RangeLock{other});
}

}  // namespace
}  // namespace amphora
