#include "base/file.hpp"

#include <amphora/error.hpp>

#include <csignal>
#include <filesystem>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphora {
namespace {

class FileTest : public ::testing::Test {
  protected:
    FileTest()
        : directory_{(std::filesystem::temp_directory_path() /
                      ("amphora-file-" + std::to_string(::getpid())))
                         .string()} {
        std::filesystem::remove_all(directory_);
        files_.make_directory(directory_);
    }
    ~FileTest() override { std::filesystem::remove_all(directory_); }

    template <class Call>
    static std::string message_of(ErrorCode code, Call&& call) {
        try {
            call();
        } catch (const Error& error) {
            EXPECT_EQ(error.code_name(), to_string(code)) << error.what();
            return error.what();
        }
        ADD_FAILURE() << "no error";
        return {};
    }

    FileSystem& files_ = operating_system_files();
    std::string directory_;
};

TEST_F(FileTest, WhatIsWrittenIsRead) {
    const auto file = files_.open(directory_ + "/a", OpenFile::create_new);
    file->write_at(10, "hello");
    file->sync();
    EXPECT_EQ(file->size(), 15u);
    EXPECT_EQ(file->read_at(10, 5), "hello");
    EXPECT_EQ(file->read_at(8, 4), (Buffer{'\0', '\0', 'h', 'e'}));
    EXPECT_EQ(file->read_at(12, 100), "llo");  // fewer only at the end
    EXPECT_EQ(file->read_at(100, 1), "");
    file->truncate(12);
    EXPECT_EQ(file->size(), 12u);
    EXPECT_EQ(files_.open(directory_ + "/a", OpenFile::existing_read_only)->read_at(10, 9), "he");
    EXPECT_EQ(file->path(), directory_ + "/a");
}

/// A journal may be on its own disk; free space on other disks is no use to it.
TEST_F(FileTest, FreeBytesAreThoseOfThePartThatIsAskedFor) {
    std::filesystem::create_directory_symlink("/proc", directory_ + "/elsewhere");
    files_.make_directory(directory_ + "/here");
    const auto anchored = files_anchored_at(directory_);
    EXPECT_EQ(anchored->free_bytes(directory_ + "/elsewhere"), 0u) << "/proc has no room";
    EXPECT_GT(anchored->free_bytes(directory_ + "/here"), 0u);
    EXPECT_GT(anchored->free_bytes(directory_), 0u);
    std::filesystem::rename(directory_, directory_ + "-moved");
    EXPECT_EQ(anchored->free_bytes(directory_ + "/elsewhere"), 0u);
    EXPECT_GT(anchored->free_bytes(directory_ + "/here"), 0u);
    std::filesystem::rename(directory_ + "-moved", directory_);
}

TEST_F(FileTest, NamesComeAndGo) {
    files_.make_directory(directory_);  // no error if it exists
    (void)files_.open(directory_ + "/b", OpenFile::create_new);
    (void)files_.open(directory_ + "/a", OpenFile::create_new);
    EXPECT_EQ(files_.list(directory_), (std::vector<std::string>{"a", "b"}));
    files_.rename(directory_ + "/b", directory_ + "/c");
    files_.sync_directory(directory_);
    EXPECT_TRUE(files_.exists(directory_ + "/c"));
    EXPECT_FALSE(files_.exists(directory_ + "/b"));
    EXPECT_FALSE(files_.exists(directory_ + "/a/under-a-file"));
    files_.remove(directory_ + "/c");
    EXPECT_EQ(files_.list(directory_), (std::vector<std::string>{"a"}));
    EXPECT_GT(files_.free_bytes(directory_), 0u);
}

/// A failure names the call, the path and the system's reason.
TEST_F(FileTest, FailuresSayWhatAndWhere) {
    const std::string missing = directory_ + "/missing";
    const std::string message =
        message_of(ErrorCode::io_error, [&] { (void)files_.open(missing, OpenFile::existing); });
    EXPECT_EQ(message, "open " + missing + ": No such file or directory");
    (void)files_.open(directory_ + "/a", OpenFile::create_new);
    message_of(ErrorCode::io_error,
               [&] { (void)files_.open(directory_ + "/a", OpenFile::create_new); });
    message_of(ErrorCode::io_error, [&] { files_.remove(missing); });
    message_of(ErrorCode::io_error, [&] { files_.rename(missing, directory_ + "/x"); });
    message_of(ErrorCode::io_error, [&] { (void)files_.list(missing); });
    message_of(ErrorCode::io_error, [&] { files_.sync_directory(missing); });
    message_of(ErrorCode::io_error, [&] { files_.make_directory(directory_ + "/a"); });
    message_of(ErrorCode::io_error, [&] { (void)files_.free_bytes(missing); });
}

/// Every way in which the system reports a full disk has the same code.
TEST_F(FileTest, AFullDiskHasItsOwnCode) {
    if (std::filesystem::exists("/dev/full")) {
        const auto file = files_.open("/dev/full", OpenFile::existing);
        EXPECT_THAT(message_of(ErrorCode::disk_full, [&] { file->write_at(0, "x"); }),
                    ::testing::HasSubstr("No space left on device"));
    }
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{4096, 4096};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        int result = 1;
        try {
            files_.open(directory_ + "/limited", OpenFile::create_new)
                ->write_at(0, Buffer(5000, 'x'));
        } catch (const Error& error) {
            result = error.code() == ErrorCode::disk_full ? 0 : 2;
        }
        ::_exit(result);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace amphora
