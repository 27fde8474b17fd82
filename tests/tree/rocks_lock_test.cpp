#include "tree/tree_fixture.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

// The lock by which other processes, the tools of RocksDB among them, see that a tree is open.

namespace amphora::tree::testing {
namespace {

class RocksLock : public ::testing::Test {
  protected:
    [[nodiscard]] std::string directory() const { return scratch_ / "tree"; }
    /// As whoever else has the file open sees it.
    [[nodiscard]] bool is_locked() const {
        const int file = ::open((directory() + "/LOCK").c_str(), O_RDWR | O_CLOEXEC);
        struct flock lock = {};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        const bool asked = ::fcntl(file, F_OFD_GETLK, &lock) == 0;
        ::close(file);
        EXPECT_TRUE(asked);
        return lock.l_type != F_UNLCK;
    }

  private:
    ScratchDirectory scratch_;
};

TEST_F(RocksLock, IsHeldWhileTheTreeIsOpen) {
    auto tree = open_tree(Kind::rocks, directory(), OpenMode::create);
    EXPECT_TRUE(is_locked());
    EXPECT_EQ(error_of([&] { return open_tree(Kind::rocks, directory(), OpenMode::read_write); }),
              ErrorCode::in_use);
    EXPECT_TRUE(is_locked()) << "whoever is refused takes nothing away";
    tree.reset();
    EXPECT_FALSE(is_locked());
    tree = open_tree(Kind::rocks, directory(), OpenMode::read_write);
    EXPECT_TRUE(is_locked());
}

/// A child has the parent's descriptors, and keeps them as long as it likes.
TEST_F(RocksLock, GoesWithTheTreeWhateverAChildKeeps) {
    auto tree = open_tree(Kind::rocks, directory(), OpenMode::create);
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(30);
        for (;;) ::pause();
    }
    tree.reset();
    EXPECT_FALSE(is_locked());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace amphora::tree::testing
