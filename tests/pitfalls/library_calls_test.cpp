// Some pitfalls are avoided by never making the calls that lead to them. This is a fact about the
// source, so these tests read the source; others test what a process leaves on the disk.

#include "pitfalls/world.hpp"

#include <fstream>
#include <sstream>
#include <vector>

namespace amphora::pitfalls {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const fs::path source{AMPHORA_SOURCE_DIR};

/// "file: line" of every line of the engine that has `word` in it, comments left out.
std::vector<std::string> lines_with(const std::string& word) {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator{source / "engine"}) {
        const fs::path& path = entry.path();
        if (path.extension() != ".hpp" && path.extension() != ".cpp") continue;
        std::ifstream file{path};
        for (std::string line; std::getline(file, line);) {
            const std::string code = line.substr(0, line.find("//"));
            if (code.find(word) == std::string::npos) continue;
            found.push_back(path.filename().string() + ":" +
                            code.substr(code.find_first_not_of(' ')));
        }
    }
    return found;
}

/// Each of these gives up safety for speed: an unsynced commit, a map that is written to, a meta
/// page that is not synced with its commit.
TEST(LibraryCalls, LmdbKeepsItsSafestMode) {
    for (const char* const flag :
         {"MDB_NOSYNC", "MDB_NOMETASYNC", "MDB_MAPASYNC", "MDB_WRITEMAP", "MDB_NOMEMINIT"}) {
        EXPECT_THAT(lines_with(flag), IsEmpty());
    }
    // Without the lock file only where nothing can be written, and so nobody writes.
    EXPECT_THAT(lines_with("MDB_NOLOCK"),
                ElementsAre("environment.cpp:outcome = try_open(MDB_NOLOCK);"));
}

/// Without `ignore_range_deletions` a scan leaves out what is damaged. So no file makes ReadOptions
/// of its own: what has the type is made by `reading_options`.
TEST(LibraryCalls, ReadOptionsOfRocksDbAreMadeInOnePlace) {
    std::vector<std::string> elsewhere;
    for (const std::string& line : lines_with("ReadOptions")) {
        const bool is_the_place = line.starts_with("reading_options.");
        if (!is_the_place && line.find("= reading_options(") == std::string::npos) {
            elsewhere.push_back(line);
        }
    }
    EXPECT_THAT(
        elsewhere,
        ::testing::UnorderedElementsAre(
            "read_view.cpp:rocksdb::ReadOptions options_for(const rocksdb::Snapshot* snapshot) {",
            // Copied from one another.
            "read_view.cpp:rocksdb::ReadOptions reading_;  ",
            "read_view.hpp:rocksdb::ReadOptions reading_;"));
    EXPECT_THAT(lines_with("ignore_range_deletions"),
                ElementsAre("reading_options.cpp:options.ignore_range_deletions = true;"));
}

/// Resizing under a living reader ends in SIGBUS: the size is set before the file is opened.
TEST(LibraryCalls, TheMapIsNeverResized) {
    EXPECT_THAT(lines_with("mdb_env_set_mapsize"), ::testing::SizeIs(1));
}

/// A database handle must not be opened while transactions use it: there is one, opened before any
/// other transaction.
TEST(LibraryCalls, OneDatabaseIsOpenedOnce) {
    EXPECT_THAT(lines_with("mdb_dbi_open"), ::testing::SizeIs(1));
    for (const char* const word : {"mdb_drop", "mdb_dbi_close", "MDB_DUPSORT", "MDB_REVERSEKEY"}) {
        EXPECT_THAT(lines_with(word), IsEmpty());
    }
}

/// Range tombstones, compaction filters, merge operators, file deletion and ingestion ignore
/// snapshots, or break the prefix that survives a crash.
TEST(LibraryCalls, NothingActsBehindTheBackOfASnapshot) {
    for (const char* const word :
         {"DeleteRange", "DeleteFilesInRange", "IngestExternalFile", "SingleDelete", "Merge(",
          "DropColumnFamily", "CreateColumnFamily", "OpenAsSecondary"}) {
        EXPECT_THAT(lines_with(word), IsEmpty());
    }
    for (const std::string& line : lines_with("SetOptions")) {
        EXPECT_THAT(line, HasSubstr("disable_auto_compactions")) << "nothing else is ever changed";
    }
    for (const char* const option : {"compaction_filter", "merge_operator", "prefix_extractor"}) {
        for (const std::string& line : lines_with(option)) {
            EXPECT_THAT(line, HasSubstr("nullptr")) << "only ever switched off";
        }
    }
}

/// The thread sanitizer sees false races inside of Debian's RocksDB. What is suppressed for that is
/// the library's, never ours.
TEST(LibraryCalls, SuppressionsNameTheLibraryOnly) {
    std::ifstream file{source / "tests/tsan.supp"};
    ASSERT_TRUE(file);
    int suppressions = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        ++suppressions;
        EXPECT_THAT(line, AnyOf(HasSubstr("rocksdb"), HasSubstr(".so")));
        EXPECT_THAT(line, ::testing::Not(HasSubstr("amphora")));
    }
    EXPECT_GT(suppressions, 0);
}

std::size_t threads_alive() {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator{"/proc/self/task"}, fs::directory_iterator{}));
}

/// RocksDB's threads belong to the process and outlive every database; the next database uses the
/// same ones, and all of Amphora's own have ended.
TEST(LibraryCalls, ThreadsDoNotAddUp) {
    const Directory directory;
    std::size_t after_first = 0;
    for (int opening = 0; opening < 4; ++opening) {
        {
            Database db = Database::open(directory.database(), schema, small_options());
            sign_up_many(db, "guest" + std::to_string(opening) + ".", 5);
        }
        if (opening == 0) after_first = threads_alive();
    }
    EXPECT_EQ(threads_alive(), after_first);
}

}  // namespace
}  // namespace amphora::pitfalls
