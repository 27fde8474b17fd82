// One process, one handle: a second opening is told which process uses the database, under whatever
// name it opens it.

#include "pitfalls/world.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>

namespace amphora::pitfalls {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The error in a new process that opens `path`.
std::string told_to_another_process(const std::string& path) {
    const std::string command = std::string{AMPHORA_VISITOR} + " '" + path + "'";
    std::FILE* const output = ::popen(command.c_str(), "re");
    std::string told;
    for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) {
        told += static_cast<char>(c);
    }
    EXPECT_EQ(::pclose(output), 0);
    return told;
}

class SecondOpening : public ::testing::Test {
  protected:
    /// Refused in this process and in another, and the first handle has not noticed anything.
    void expect_in_use(const std::string& path) {
        const auto by_us =
            AllOf(StartsWith("in_use"), HasSubstr("in use by pid " + std::to_string(::getpid())));
        EXPECT_THAT(error_of_opening(path), by_us) << path;
        EXPECT_THAT(told_to_another_process(path), by_us) << path;
        sign_up(db, "guest" + std::to_string(++signed_up));
        expect_whole(db, static_cast<std::size_t>(signed_up));
    }

    Directory directory;
    Database db = Database::open(directory.database(), schema);
    int signed_up = 0;
};

TEST_F(SecondOpening, IsRefusedInThisProcessAndInAnother) {
    expect_in_use(directory.database());
}

/// Reading while another process writes would be undefined in RocksDB, although it opens: it is a
/// second opening like any other, in either order.
TEST_F(SecondOpening, IsRefusedForReadingOnly) {
    Options reading;
    reading.mode = OpenMode::read_only;
    EXPECT_THAT(error_of_opening(directory.database(), reading), StartsWith("in_use"));
    db.close();
    const Database looker = Database::open(directory.database(), schema, reading);
    EXPECT_THAT(error_of_opening(directory.database()), StartsWith("in_use"));
    EXPECT_THAT(told_to_another_process(directory.database()), StartsWith("in_use"));
}

/// Closing gives the directory back, though the closed handle still lives.
TEST_F(SecondOpening, IsTheFirstOneAfterClosing) {
    sign_up(db, "kim");
    db.close();
    EXPECT_EQ(told_to_another_process(directory.database()), "opened\n");
    Database again = Database::open(directory.database(), schema);
    expect_whole(again, 1);
    EXPECT_EQ(code_of([&] { static_cast<void>(db.snapshot()); }), ErrorCode::transaction_closed);
    again.close();
    EXPECT_NO_THROW(static_cast<void>(Database::compact_directory(directory.database())));
}

TEST_F(SecondOpening, IsRefusedThroughLinksAndDetours) {
    fs::create_directory_symlink(directory.database(), directory.path() + "/link");
    fs::create_directory_symlink(directory.path() + "/link", directory.path() + "/link-to-link");
    expect_in_use(directory.path() + "/link");
    expect_in_use(directory.path() + "/link-to-link");
    expect_in_use(directory.database() + "/../shop.amphora/journal/..");
    expect_in_use(fs::relative(directory.database()).string());
}

/// A bind mount is the same directory at another place, without any link to be seen.
TEST_F(SecondOpening, IsRefusedThroughABindMount) {
    const std::string mounted = directory.path() + "/mounted";
    fs::create_directory(mounted);
    if (::mount(directory.database().c_str(), mounted.c_str(), nullptr, MS_BIND, nullptr) != 0) {
        GTEST_SKIP() << "a bind mount needs root";
    }
    expect_in_use(mounted);
    ::umount2(mounted.c_str(), MNT_DETACH);
}

/// Lock files are sometimes removed by people. A new file would be free to lock; the directory
/// itself is not.
TEST_F(SecondOpening, IsRefusedAfterTheLockFileWasRemoved) {
    fs::remove(directory.database() + "/LOCK");
    EXPECT_THAT(told_to_another_process(directory.database()),
                AllOf(StartsWith("in_use"), HasSubstr("its file LOCK was removed")));
    EXPECT_THAT(error_of_opening(directory.database()), StartsWith("in_use"));
    sign_up(db, "kim");
    expect_whole(db, 1);
    db.close();
    EXPECT_EQ(told_to_another_process(directory.database()), "opened\n");
}

/// A snapshot that is still held keeps the directory after `close`: its pages are the old
/// environment's, and a second environment of one file would take its locks away.
TEST_F(SecondOpening, IsRefusedWhileASnapshotOutlivesItsDatabase) {
    std::optional<Snapshot> held = db.snapshot();
    db.close();
    EXPECT_THAT(error_of_opening(directory.database()), StartsWith("in_use"));
    EXPECT_EQ(code_of([&] { static_cast<void>(held->scan(customers)); }),
              ErrorCode::transaction_closed);
    held.reset();
    EXPECT_EQ(error_of_opening(directory.database()), "");
}

/// Two copies next to each other are two databases, although they have one identity.
TEST_F(SecondOpening, OfACopyIsNoSecondOpening) {
    sign_up(db, "kim");
    db.close();
    const std::string copy = directory.path() + "/copy.amphora";
    fs::copy(directory.database(), copy, fs::copy_options::recursive);
    Database one = Database::open(directory.database(), schema);
    Database other = Database::open(copy, schema);
    sign_up(one, "lee");
    expect_whole(one, 2);
    expect_whole(other, 1);
}

}  // namespace
}  // namespace amphora::pitfalls
