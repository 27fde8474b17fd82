#include "tree/rocks/environment/lock_files.hpp"
#include "tree/tree_fixture.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

// The lock that shows other processes, such as RocksDB's tools, that a tree is open.

namespace amphora::tree::testing {
namespace {

class RocksLock : public ::testing::Test {
  protected:
    [[nodiscard]] std::string directory() const { return scratch_ / "tree"; }
    /// As another process with the file open sees it.
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
    EXPECT_EQ(code_of([&] { return open_tree(Kind::rocks, directory(), OpenMode::read_write); }),
              ErrorCode::in_use);
    EXPECT_TRUE(is_locked()) << "a refused attempt releases nothing";
    tree.reset();
    EXPECT_FALSE(is_locked());
    tree = open_tree(Kind::rocks, directory(), OpenMode::read_write);
    EXPECT_TRUE(is_locked());
}

/// A child has the parent's descriptors until its fork handlers have run, and some children run
/// none.
TEST_F(RocksLock, GoesWithTheTreeWhateverAChildKeeps) {
    auto tree = open_tree(Kind::rocks, directory(), OpenMode::create);
    const pid_t child = ::_Fork();
    if (child == 0) {
        ::alarm(30);
        for (;;) ::pause();
    }
    tree.reset();
    EXPECT_FALSE(is_locked());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

/// Nor does it keep the lock of a parent that was killed: a new start finds it free.
TEST_F(RocksLock, GoesWithTheProcessWhateverAChildKeeps) {
    { const auto tree = open_tree(Kind::rocks, directory(), OpenMode::create); }
    int said[2];
    ASSERT_EQ(::pipe(said), 0);
    const pid_t parent = ::fork();
    if (parent == 0) {
        ::alarm(30);
        rocks::LockFiles files{rocksdb::FileSystem::Default()};
        rocksdb::FileLock* lock = nullptr;
        if (!files.LockFile(directory() + "/LOCK", {}, &lock, nullptr).ok()) ::_exit(1);
        if (::fork() == 0) {  // it speaks itself: its handlers have run by then
            ::alarm(30);
            const pid_t child = ::getpid();
            (void)!::write(said[1], &child, sizeof child);
        }
        for (;;) ::pause();
    }
    pid_t child = 0;
    ASSERT_EQ(::read(said[0], &child, sizeof child), ssize_t{sizeof child});
    EXPECT_TRUE(is_locked());
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    EXPECT_FALSE(is_locked());
    ::kill(child, SIGKILL);
    ::close(said[0]);
    ::close(said[1]);
}

}  // namespace
}  // namespace amphora::tree::testing
