// The parts of a backup, and the reasons to refuse one.

#include "backup/writers.hpp"
#include "support/random.hpp"
#include "tree/scratch.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace amphora::backup_test {
namespace {

namespace fs = std::filesystem;
using tree::testing::ScratchDirectory;
using tree::testing::SmallDisk;

std::uint64_t inode_of(const std::string& path) {
    struct stat about {};
    EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
    return about.st_ino;
}

std::vector<std::string> tables_in(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory)) {
        if (entry.path().extension() == ".sst") names.push_back(entry.path().filename());
    }
    return names;
}

class PiecesTest : public testing::Test {
  protected:
    const support::Random random;
    const ScratchDirectory scratch;
    Writers writers{random.seed(), 2};
    Database db = Database::open(scratch / "db", workload::schema, small());
};

/// Two databases with the same names would make every commit, segment and archive ambiguous.
TEST_F(PiecesTest, ABackupIsOpenedOnlyToLook) {
    writers.write(db, 20);
    const BackupReport report = db.backup(scratch / "backup");
    for (const OpenMode mode : {OpenMode::must_exist, OpenMode::create_if_missing}) {
        Options options = small();
        options.mode = mode;
        const auto [code, text] =
            error_of([&] { static_cast<void>(Database::open(scratch / "backup", options)); });
        EXPECT_EQ(code, ErrorCode::not_a_database);
        EXPECT_NE(text.find("restore it"), std::string::npos) << text;
    }
    const Database copy = Database::open(scratch / "backup", read_only());
    writers.expect_as_of(copy.snapshot(), report.last);
    EXPECT_EQ(error_of([&] {
                  static_cast<void>(Database::restore(scratch / "db", scratch / "x"));
              }).first,
              ErrorCode::not_a_database);
}

/// An opening for reading delivers nothing, however long it lasts: the trees of a backup, or of a
/// database that was not closed, stay as they are.
TEST_F(PiecesTest, LookingDeliversNothing) {
    writers.write(db, 20);
    db.backup(scratch / "backup");
    Options options = read_only();
    options.seal_age_ms = 1;
    const Database copy = Database::open(scratch / "backup", options);
    const Statistics before = copy.statistics();
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{100};
    while (std::chrono::steady_clock::now() < until) {
        const Statistics now = copy.statistics();
        for (std::size_t tree = 0; tree < 2; ++tree) {
            ASSERT_EQ(now.trees[tree].deliveries, 0u);
            ASSERT_EQ(now.trees[tree].delivered, before.trees[tree].delivered);
        }
        std::this_thread::yield();
    }
    writers.expect_as_of(copy.snapshot(), writers.last());
}

/// A restored database is a new timeline: its pieces are not accepted in the old one, a commit that
/// it lost stays lost, and epochs are never reused.
TEST_F(PiecesTest, ARestoredDatabaseIsANewTimeline) {
    writers.write(db, 20);
    const BackupReport report = db.backup(scratch / "backup");
    writers.write(db, 5);
    const Commit lost = db.write([](Transaction& tx) {
        tx.insert(workload::owners, Record{{"owner_id", 1}, {"name", "lost"}});
    });
    const Epoch epoch = db.statistics().epoch;
    const RestoreReport restored =
        Database::restore(scratch / "backup", scratch / "new", {.options = small()});
    EXPECT_EQ(restored.timeline_before, report.timeline);
    EXPECT_NE(restored.timeline, report.timeline);
    {
        Database again = Database::open(scratch / "new", small());
        EXPECT_EQ(again.statistics().database, report.database);
        EXPECT_EQ(again.statistics().timeline, restored.timeline);
        EXPECT_GT(again.statistics().epoch, epoch);
        // The new timeline reaches the sequence of the lost commit, and is not mistaken for it.
        Commit commit{};
        for (std::int64_t id = 1; commit.sequence < lost.sequence; ++id) {
            commit = again.write([&](Transaction& tx) {
                tx.insert(workload::owners, Record{{"owner_id", id}, {"name", "new"}});
            });
        }
        EXPECT_EQ(commit.sequence, lost.sequence);
        EXPECT_EQ(error_of([&] { static_cast<void>(again.wait(lost)); }).first,
                  ErrorCode::commit_lost);
        EXPECT_TRUE(again.check().findings.empty());
        again.close();
    }
    db.close();
    for (const std::string piece : {"journal", "relational", "documents"}) {
        fs::rename(scratch / "new" + "/" + piece, scratch / "kept");
        fs::copy(scratch / "db" + "/" + piece, scratch / "new" + "/" + piece,
                 fs::copy_options::recursive);
        EXPECT_EQ(
            error_of([&] { static_cast<void>(Database::open(scratch / "new", small())); }).first,
            ErrorCode::foreign_piece)
            << piece;
        fs::remove_all(scratch / "new" + "/" + piece);
        fs::rename(scratch / "kept", scratch / "new" + "/" + piece);
    }
}

/// What is at the destination is left alone; the rest of a killed attempt is removed.
TEST_F(PiecesTest, TakesOnlyAFreePlace) {
    writers.write(db, 5);
    fs::create_directory(scratch / "taken");
    std::ofstream{scratch / "taken" + "/holiday.jpg"} << "x";
    EXPECT_EQ(error_of([&] { db.backup(scratch / "taken"); }).first, ErrorCode::invalid_argument);
    EXPECT_TRUE(fs::exists(scratch / "taken" + "/holiday.jpg"));
    EXPECT_EQ(error_of([&] { db.backup(scratch / "db"); }).first, ErrorCode::invalid_argument);

    db.backup(scratch / "one");
    EXPECT_EQ(error_of([&] { db.backup(scratch / "one"); }).first, ErrorCode::invalid_argument);

    // As if killed in the middle: everything except the last step.
    fs::rename(scratch / "one", scratch / "two.unfinished");
    fs::remove(scratch / "two.unfinished" + "/BACKUP");
    db.backup(scratch / "two");
    EXPECT_FALSE(fs::exists(scratch / "two.unfinished"));
    writers.expect_as_of(Database::open(scratch / "two", read_only()).snapshot(), writers.last());

    // A directory of that name with other contents is not the rest of an attempt.
    fs::create_directory(scratch / "three.unfinished");
    std::ofstream{scratch / "three.unfinished" + "/novel.txt"} << "x";
    EXPECT_EQ(error_of([&] { db.backup(scratch / "three"); }).first, ErrorCode::invalid_argument);
    EXPECT_TRUE(fs::exists(scratch / "three.unfinished" + "/novel.txt"));
    EXPECT_FALSE(fs::exists(scratch / "three"));
}

/// A place that the last step could not take is refused before the first: otherwise hours of
/// copying would be wasted.
TEST_F(PiecesTest, APlaceThatCannotBeTakenIsRefusedAtOnce) {
    writers.write(db, 5);
    fs::create_directory(scratch / "empty");
    fs::create_directory_symlink(scratch / "empty", scratch / "link");
    fs::create_directory_symlink(scratch / "nowhere", scratch / "broken");
    bool copied = false;
    BackupOptions options;
    options.progress = [&](std::uint64_t, std::uint64_t) { copied = true; };
    for (const std::string& place :
         {scratch / "link", scratch / "link/", scratch / "broken", scratch / "empty/.",
          std::string{}, std::string{"."}, std::string{".."}}) {
        const auto [code, text] = error_of([&] { db.backup(place, options); });
        EXPECT_EQ(code, ErrorCode::invalid_argument) << place << ": " << text;
    }
    EXPECT_FALSE(copied);
    db.backup(scratch / "empty", options);
    EXPECT_TRUE(copied);
}

/// Table files of the document store are linked, which needs no space; a restored database shares
/// nothing with the backup.
TEST_F(PiecesTest, TablesAreLinkedIntoTheBackupAndCopiedOutOfIt) {
    writers.write(db, 200);
    db.compact();
    db.backup(scratch / "backup");
    const auto tables = tables_in(scratch / "backup" + "/documents");
    ASSERT_FALSE(tables.empty());
    for (const std::string& name : tables) {
        EXPECT_EQ(inode_of(scratch / "backup" + "/documents/" + name),
                  inode_of(scratch / "db" + "/documents/" + name));
    }
    Database::restore(scratch / "backup", scratch / "new", {.options = small()});
    for (const std::string& name : tables_in(scratch / "new" + "/documents")) {
        const std::string kept = scratch / "backup" + "/documents/" + name;
        if (fs::exists(kept)) {
            EXPECT_NE(inode_of(scratch / "new" + "/documents/" + name), inode_of(kept));
        }
    }
}

/// Progress never decreases and ends with everything. A callback that throws stops the backup.
TEST_F(PiecesTest, TellsHowFarItIsAndStopsWhenTold) {
    writers.write(db, 100);
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    const BackupReport report =
        db.backup(scratch / "backup", {.progress = [&](std::uint64_t now, std::uint64_t of) {
                      EXPECT_GE(now, done);
                      EXPECT_GE(of, now);
                      done = now;
                      total = of;
                  }});
    EXPECT_EQ(done, report.bytes);
    EXPECT_EQ(total, report.bytes);

    struct Enough {};
    for (int pieces = 0; pieces < 6; ++pieces) {
        int left = pieces;
        const auto stop = [&](std::uint64_t, std::uint64_t) {
            if (left-- == 0) throw Enough{};
        };
        EXPECT_THROW(db.backup(scratch / "stopped", {.progress = stop}), Enough);
        EXPECT_FALSE(fs::exists(scratch / "stopped"));
        EXPECT_FALSE(fs::exists(scratch / "stopped.unfinished"));
    }
    writers.write(db, 20);
    db.backup(scratch / "again");
    db.close();
    EXPECT_EQ(error_of([&] { db.backup(scratch / "closed"); }).first,
              ErrorCode::transaction_closed);
}

/// While the copies are made everything changes: the trees hold more, and the journal could be
/// recycled. It is not, because the copies do not hold its commits.
TEST_F(PiecesTest, KeepsTheJournalThatTheCopiesNeed) {
    Options options = small();
    options.journal_bytes_max = 16 * options.segment_bytes;
    Database roomy = Database::open(scratch / "roomy", workload::schema, options);
    writers.write(roomy, 100);
    bool written = false;
    const auto write_between = [&](std::uint64_t, std::uint64_t) {
        if (std::exchange(written, true)) return;
        const Sequence before = writers.last();
        writers.write(roomy, 120);
        // A journal that is a quarter full asks the trees to hold, which frees it to be recycled.
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        for (Sequence held{}; held <= before;) {
            ASSERT_LT(std::chrono::steady_clock::now(), until) << "the trees hold nothing new";
            const Statistics now = roomy.statistics();
            held = std::min(now.trees[0].held, now.trees[1].held);
        }
    };
    const BackupReport report = roomy.backup(scratch / "backup", {.progress = write_between});
    EXPECT_TRUE(written);
    const Database copy = Database::open(scratch / "backup", read_only());
    writers.expect_as_of(copy.snapshot(), report.last);
    EXPECT_GT(roomy.statistics().journal.bytes_live, 0u);
}

/// There is no room for the copy: a named error, nothing at the destination, and the database is
/// not affected. With room the same call succeeds.
TEST_F(PiecesTest, AFullDiskIsNamedAndLeavesNothing) {
    SmallDisk disk{"64m"};
    if (!disk.mounted()) GTEST_SKIP() << "mounting a small tmpfs needs root";
    writers.write(db, 200);
    for (std::uint64_t left : {0u, 8u, 40u}) {
        {
            std::ofstream ballast{disk.path() + "/ballast", std::ios::binary};
            const std::string block(4096, 'x');
            for (std::uint64_t free = fs::space(disk.path()).available / 4096; free > left;
                 --free) {
                ballast << block;
            }
        }
        const auto [code, text] = error_of([&] { db.backup(disk.path() + "/backup"); });
        EXPECT_EQ(code, ErrorCode::disk_full) << text;
        EXPECT_FALSE(fs::exists(disk.path() + "/backup"));
        EXPECT_FALSE(fs::exists(disk.path() + "/backup.unfinished"));
        writers.write(db, 5);
        writers.expect_as_of(db.snapshot(), writers.last());
        EXPECT_EQ(db.statistics().trees[1].health, "ok");
        disk.make_room();
    }
    const BackupReport report = db.backup(disk.path() + "/backup");
    writers.expect_as_of(Database::open(disk.path() + "/backup", read_only()).snapshot(),
                         report.last);
}

}  // namespace
}  // namespace amphora::backup_test
