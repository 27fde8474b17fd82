#include "base/directory_lock.hpp"
#include "tree/scratch.hpp"

#include <amphora/error.hpp>

#include <filesystem>
#include <fstream>
#include <functional>

#include <sys/wait.h>
#include <unistd.h>

namespace amphora {
namespace {

class DirectoryLockTest : public ::testing::Test {
  protected:
    DirectoryLockTest()
        : directory_{std::filesystem::temp_directory_path() /
                     ("amphora-lock-" + std::to_string(::getpid()))} {
        std::filesystem::create_directories(directory_);
    }
    ~DirectoryLockTest() override { std::filesystem::remove_all(directory_); }

    /// What `acquire` throws; empty: nothing.
    static std::string refusal(const std::filesystem::path& directory, ErrorCode expected,
                               Sharing sharing = Sharing::exclusive) {
        try {
            (void)DirectoryLock::acquire(directory.string(), OnNetwork::refuse, sharing);
        } catch (const Error& error) {
            return error.code() == expected ? error.what()
                                            : std::string("another error: ") + error.what();
        }
        return {};
    }

    /// Runs `child` in a forked process, and returns its exit code.
    static int in_child(const std::function<int()>& child) {
        const pid_t pid = ::fork();
        if (pid == 0) ::_exit(child());
        int status = 0;
        ::waitpid(pid, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::filesystem::path directory_;
};

/// A second handle in the same process is refused, also under another name of the directory, as
/// long as the first lives.
TEST_F(DirectoryLockTest, OneHandleInAProcess) {
    std::filesystem::create_directory_symlink(directory_, directory_.string() + "-link");
    {
        const DirectoryLock lock = DirectoryLock::acquire(directory_.string());
        const std::string mine = "in use by pid " + std::to_string(::getpid());
        EXPECT_THAT(refusal(directory_, ErrorCode::in_use), ::testing::HasSubstr(mine));
        EXPECT_THAT(refusal(directory_.string() + "-link", ErrorCode::in_use),
                    ::testing::HasSubstr(mine));
        EXPECT_EQ(pid_of_owner(directory_.string()), ::getpid());
    }
    std::filesystem::remove(directory_.string() + "-link");
    EXPECT_EQ(pid_of_owner(directory_.string()), std::nullopt);
    EXPECT_EQ(refusal(directory_, ErrorCode::in_use), "");
}

/// Another process is refused, and told which process has the directory.
TEST_F(DirectoryLockTest, OneProcess) {
    const DirectoryLock lock = DirectoryLock::acquire(directory_.string());
    const std::string by = "in use by pid " + std::to_string(::getpid());
    EXPECT_EQ(in_child([&] {
                  return refusal(directory_, ErrorCode::in_use).find(by) != std::string::npos ? 0
                                                                                              : 1;
              }),
              0);
}

/// Any number of processes read at the same time, and none of them while another one may write.
TEST_F(DirectoryLockTest, ReadersShareItAmongThemselvesOnly) {
    {
        const DirectoryLock lock =
            DirectoryLock::acquire(directory_.string(), OnNetwork::refuse, Sharing::shared);
        EXPECT_EQ(in_child([&] {
                      const auto here = refusal(directory_, ErrorCode::in_use, Sharing::shared);
                      const auto owner = refusal(directory_, ErrorCode::in_use);
                      const bool is_named = owner.find("read-only") != std::string::npos;
                      return here.empty() && is_named ? 0 : 1;
                  }),
                  0);
        EXPECT_EQ(pid_of_owner(directory_.string()), std::nullopt);
        EXPECT_NE(refusal(directory_, ErrorCode::in_use, Sharing::shared), "")
            << "one handle in a process";
    }
    const DirectoryLock lock = DirectoryLock::acquire(directory_.string());
    EXPECT_EQ(in_child([&] {
                  return refusal(directory_, ErrorCode::in_use, Sharing::shared).empty() ? 1 : 0;
              }),
              0);
}

/// The permission to read suffices.
TEST_F(DirectoryLockTest, AReaderNeedNotBeAbleToWrite) {
    if (::geteuid() != 0) GTEST_SKIP() << "becoming another user needs root";
    { const DirectoryLock made = DirectoryLock::acquire(directory_.string()); }
    const auto as_nobody = [&](const std::function<bool()>& question) {
        return in_child([&] {
            if (::setresuid(65534, 65534, 65534) != 0) return 2;
            return question() ? 0 : 1;
        });
    };
    const auto may_read = [&] {
        return refusal(directory_, ErrorCode::in_use, Sharing::shared).empty();
    };
    EXPECT_EQ(as_nobody(may_read), 0);
    const DirectoryLock lock = DirectoryLock::acquire(directory_.string());
    EXPECT_EQ(as_nobody(may_read), 1);
    const pid_t owner = ::getpid();
    EXPECT_EQ(as_nobody([&] { return pid_of_owner(directory_.string()) == owner; }), 0);
}

/// A child must not use its parent's handle, and its copy does not keep the directory: after the
/// parent has released it, it is free even while the child lives.
TEST_F(DirectoryLockTest, AForkedChildHasNoPartInIt) {
    auto lock = std::make_unique<DirectoryLock>(DirectoryLock::acquire(directory_.string()));
    lock->check_process();
    int go[2];
    ASSERT_EQ(::pipe(go), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        int result = 1;
        try {
            lock->check_process();
        } catch (const Error& error) {
            result = error.code() == ErrorCode::used_after_fork ? 0 : 2;
        }
        char byte;
        ::close(go[1]);
        (void)!::read(go[0], &byte, 1);  // lives until the parent closes
        ::_exit(result);
    }
    ::close(go[0]);
    lock.reset();
    EXPECT_EQ(refusal(directory_, ErrorCode::in_use), "");
    ::close(go[1]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

/// A process that is killed leaves its file, not its lock.
TEST_F(DirectoryLockTest, AKilledProcessLeavesNoLock) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const DirectoryLock lock = DirectoryLock::acquire(directory_.string());
        (void)!::write(ready[1], "x", 1);
        ::pause();
    }
    char byte;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    EXPECT_THAT(refusal(directory_, ErrorCode::in_use),
                ::testing::HasSubstr("in use by pid " + std::to_string(child)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_EQ(refusal(directory_, ErrorCode::in_use), "");
    ::close(ready[0]);
    ::close(ready[1]);
}

/// The pid in the file is for people; a full disk may have no room for it.
TEST_F(DirectoryLockTest, AFullDiskIsNoObstacle) {
    tree::testing::SmallDisk disk{"16k"};
    if (!disk.mounted()) GTEST_SKIP() << "mounting a small tmpfs needs root";
    disk.fill();
    {
        const DirectoryLock lock = DirectoryLock::acquire(disk.path());
        EXPECT_EQ(in_child([&] {
                      return refusal(disk.path(), ErrorCode::in_use).find("pid unknown") ==
                             std::string::npos;
                  }),
                  0);
        disk.make_room();
    }
    const DirectoryLock lock = DirectoryLock::acquire(disk.path());
    EXPECT_EQ(pid_of_owner(disk.path()), ::getpid());
}

/// Two openers that may only read, and one that may write, still exclude each other.
TEST_F(DirectoryLockTest, WhereNothingCanBeWrittenTheDirectoryIsLocked) {
    tree::testing::SmallDisk disk{"16k"};
    if (!disk.mounted()) GTEST_SKIP() << "mounting a small tmpfs needs root";
    EXPECT_EQ(::mount("tmpfs", disk.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=16k"),
              0);
    {
        const DirectoryLock lock = DirectoryLock::acquire(disk.path());
        EXPECT_EQ(in_child([&] {
                      return refusal(disk.path(), ErrorCode::in_use).find("pid unknown") ==
                             std::string::npos;
                  }),
                  0);
    }
    EXPECT_EQ(refusal(disk.path(), ErrorCode::in_use), "");
}

TEST_F(DirectoryLockTest, ThereMustBeADirectory) {
    EXPECT_NE(refusal(directory_ / "nowhere", ErrorCode::not_a_database), "");
    std::ofstream(directory_ / "file") << "x";
    EXPECT_NE(refusal(directory_ / "file", ErrorCode::not_a_database), "");
}

/// Network file systems are recognized by statfs's number; FUSE by the type of the mount.
TEST(NetworkFilesystemTest, IsToldFromLocalOnes) {
    constexpr std::uint64_t nfs = 0x6969, smb2 = 0xFE534D42, ext4 = 0xEF53, xfs = 0x58465342,
                            fuse = 0x65735546;
    EXPECT_EQ(network_filesystem(nfs, ""), "NFS");
    EXPECT_EQ(network_filesystem(smb2, ""), "SMB2");
    EXPECT_EQ(network_filesystem(0x01021997, ""), "9p");
    EXPECT_EQ(network_filesystem(fuse, "fuse.sshfs"), "FUSE");
    EXPECT_EQ(network_filesystem(fuse, "virtiofs"), "FUSE");
    EXPECT_EQ(network_filesystem(fuse, ""), "FUSE");
    EXPECT_EQ(network_filesystem(fuse, "fuseblk"), std::nullopt);
    EXPECT_EQ(network_filesystem(ext4, ""), std::nullopt);
    EXPECT_EQ(network_filesystem(xfs, ""), std::nullopt);
}

}  // namespace
}  // namespace amphora
