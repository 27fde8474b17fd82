// A database remembers its archive: nobody has to name it again, and no opening leaves a gap.

#include "backup/writers.hpp"
#include "base/checksum.hpp"
#include "base/file.hpp"
#include "database/directory/archive_file.hpp"
#include "support/random.hpp"
#include "tree/scratch.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace amphora::backup_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class ArchivingTest : public testing::Test {
  protected:
    [[nodiscard]] std::string in(const std::string& name) const { return scratch_ / name; }
    [[nodiscard]] Options without() {
        Options options = small();
        options.log = [this](const std::string& line) {
            const std::lock_guard lock{mutex_};
            log_ += line + "\n";
        };
        return options;
    }
    [[nodiscard]] Options naming(const std::string& place) {
        Options options = without();
        options.archive_directory = in(place);
        return options;
    }
    [[nodiscard]] Options stopping() {
        Options options = without();
        options.archiving = Archiving::stops;
        return options;
    }
    [[nodiscard]] Database open(const Options& options) const {
        return Database::open(in("db"), workload::schema, options);
    }
    [[nodiscard]] std::string log() const {
        const std::lock_guard lock{mutex_};
        return log_;
    }

    /// Writes until the journal has recycled its first segments.
    void write_until_recycled(Database& db) {
        const Sequence last = db.snapshot().commit_seen().sequence;
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
        while (db.statistics().journal.recycled <= last) {
            ASSERT_LT(std::chrono::steady_clock::now(), until) << "nothing is recycled";
            writers_.write(db, 20);
        }
    }
    /// The reason why the archive takes nothing, as soon as there is one.
    static std::string await_problem(const Database& db) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (db.statistics().archive_problem.empty()) {
            if (std::chrono::steady_clock::now() > until) return "there is no problem";
            std::this_thread::yield();
        }
        return db.statistics().archive_problem;
    }
    /// One opening that replaces everything in the journal.
    void live(const Options& options) {
        Database db = open(options);
        write_until_recycled(db);
        db.close();
    }
    void flip_a_byte_of_archive_file() const {
        std::fstream file{in("db/ARCHIVE"), std::ios::in | std::ios::out | std::ios::binary};
        file.seekg(30);
        const int letter = file.get();
        file.seekp(30);
        file.put(static_cast<char>(letter ^ 1));
    }

    support::Random random_;
    tree::testing::ScratchDirectory scratch_;
    Writers writers_{random_.seed(), 2};

  private:
    mutable std::mutex mutex_;
    std::string log_;
};

/// The archive is named once. Later openings that do not name it leave no gap.
TEST_F(ArchivingTest, ContinuesWithoutBeingAskedFor) {
    live(naming("archive"));
    live(without());
    {
        Database db = open(without());
        writers_.write(db, 1);
        EXPECT_EQ(db.statistics().archive_directory, in("archive"));
        db.close();
    }
    const auto ranges = Database::archived(in("archive"));
    ASSERT_EQ(ranges.size(), 1u);
    EXPECT_EQ(ranges[0].first, Sequence{1});
    EXPECT_EQ(ranges[0].last, writers_.last());
    EXPECT_EQ(Database::open(in("db"), read_only()).statistics().archive_directory, in("archive"));
}

/// An archive is remembered once it was named, also if nothing was archived yet.
TEST_F(ArchivingTest, IsRememberedBeforeItTakesAnything) {
    std::ofstream{in("archive")} << "in the way";
    {
        Database db = open(naming("archive"));
        writers_.write(db, 1);
        db.close();
    }
    fs::remove(in("archive"));
    live(without());
    const auto ranges = Database::archived(in("archive"));
    ASSERT_EQ(ranges.size(), 1u);
    EXPECT_EQ(ranges[0].first, Sequence{1});
}

/// The commit from which on the archive is complete is known as soon as it has been read.
TEST_F(ArchivingTest, SaysFromWhereOnItIsWhole) {
    live(naming("archive"));
    Database db = open(without());
    write_until_recycled(db);
    EXPECT_EQ(db.statistics().archive_from, Sequence{1});
    EXPECT_THAT(log(), Not(HasSubstr("lacks commits")));
}

TEST_F(ArchivingTest, ContinuesElsewhereWhenAnotherPlaceIsNamed) {
    live(naming("first"));
    live(naming("second"));
    live(without());
    EXPECT_EQ(Database::open(in("db"), read_only()).statistics().archive_directory, in("second"));
    EXPECT_EQ(Database::archived(in("second")).back().last, writers_.last());
    EXPECT_LT(Database::archived(in("first")).back().last, writers_.last());
}

TEST_F(ArchivingTest, StopsOnlyWhenItIsToldTo) {
    live(naming("archive"));
    const Sequence last = writers_.last();
    live(stopping());
    live(without());
    EXPECT_EQ(Database::archived(in("archive")).back().last, last);
    EXPECT_EQ(Database::open(in("db"), read_only()).statistics().archive_directory, "");
    EXPECT_THAT(log(), HasSubstr(in("archive") + " gets nothing from now on"));
}

/// If the journal's own folder was the archive, the copies were taken for segments, and the
/// database never opened again. Nothing is copied into the directory from which it is copied.
TEST_F(ArchivingTest, TheDatabaseItselfIsNoPlaceForCopies) {
    const auto expect_refused = [](const std::string& place, const auto& call) {
        const auto [code, words] = error_of(call);
        EXPECT_EQ(code, ErrorCode::invalid_argument) << place << ": " << words;
        EXPECT_THAT(words, HasSubstr("the directory of the database itself")) << place;
    };
    for (const char* const place : {"db", "db/journal", "db/archive", "db/../db/new/one"}) {
        expect_refused(place, [&] { static_cast<void>(open(naming(place))); });
    }
    fs::create_directory_symlink(in("db"), in("link"));
    expect_refused("link/journal", [&] { static_cast<void>(open(naming("link/journal"))); });
    Database db = open(naming("db.archive"));
    writers_.write(db, 20);
    expect_refused("by hand", [&] { static_cast<void>(db.archive(in("link/journal"))); });
    expect_refused("a backup", [&] { static_cast<void>(db.backup(in("db/backup"))); });
    db.close();
    EXPECT_THAT(Database::check_directory(in("db")).findings, testing::IsEmpty());
}

/// What was not archived meanwhile is missing for ever. The next opening that archives there
/// reports which commits are missing, and a new backup closes the gap.
TEST_F(ArchivingTest, AGapIsNamed) {
    live(naming("archive"));
    const std::uint64_t last_before = number(writers_.last());
    live(stopping());
    Database db = open(naming("archive"));
    write_until_recycled(db);
    const Sequence from = db.statistics().archive_from;
    EXPECT_GT(from, Sequence{last_before + 1});
    EXPECT_THAT(
        log(), HasSubstr(fmt::format("lacks commits {} to {}", last_before + 1, number(from) - 1)));
    EXPECT_EQ(Database::archived(in("archive")).size(), 2u);

    const BackupReport backup = db.backup(in("backup"));
    EXPECT_GE(backup.last, from);
    write_until_recycled(db);
    db.close();
    const RestoreReport restored =
        Database::restore(in("backup"), in("new"), {.archive = in("archive"), .options = small()});
    EXPECT_EQ(restored.last, writers_.last());
}

/// A disk that is not mounted must not be taken for an archive that is still to be made.
TEST_F(ArchivingTest, AMissingArchiveIsWaitedFor) {
    live(naming("archive"));
    fs::rename(in("archive"), in("elsewhere"));
    Database db = open(without());
    writers_.write(db, 5);
    EXPECT_THAT(await_problem(db), HasSubstr("archive is missing; mount it"));
    EXPECT_FALSE(fs::exists(in("archive")));

    fs::rename(in("elsewhere"), in("archive"));
    write_until_recycled(db);
    db.close();
    const auto ranges = Database::archived(in("archive"));
    ASSERT_EQ(ranges.size(), 1u);
    EXPECT_EQ(ranges[0].last, writers_.last());
}

/// A directory where a disk is mounted is empty when the disk is not mounted.
TEST_F(ArchivingTest, AnEmptyArchiveIsNamed) {
    live(naming("archive"));
    EXPECT_THAT(log(), Not(HasSubstr("holds nothing")));
    fs::rename(in("archive"), in("elsewhere"));
    fs::create_directory(in("archive"));
    live(without());
    EXPECT_THAT(log(), HasSubstr("archive holds nothing of this database and begins with commit "));
    EXPECT_GT(Database::archived(in("archive")).at(0).first, Sequence{1});
}

/// Another spelling of the same directory is the same archive.
TEST_F(ArchivingTest, HasOneNameHoweverItIsSpelled) {
    live(naming("archive"));
    fs::rename(in("archive"), in("elsewhere"));
    for (const std::string spelling : {"archive/", "./archive", ".//archive/."}) {
        Database db = open(naming(spelling));
        EXPECT_THAT(await_problem(db), HasSubstr("archive is missing; mount it")) << spelling;
        db.close();
        EXPECT_FALSE(fs::exists(in("archive"))) << spelling;
    }
}

/// After a link, ".." is not the directory that the path seems to say.
TEST_F(ArchivingTest, LiesWhereItsNameLeads) {
    fs::create_directories(in("far/inner"));
    fs::create_directory_symlink(in("far/inner"), in("link"));
    live(naming("link/../archive"));
    live(without());
    EXPECT_FALSE(fs::exists(in("archive")));
    EXPECT_EQ(Database::archived(in("link/../archive")).at(0).last, writers_.last());
}

/// The archive must not be guessed when its file is damaged; an opening that names it again is
/// trusted.
TEST_F(ArchivingTest, AFileThatIsDamagedIsNamed) {
    live(naming("archive"));
    flip_a_byte_of_archive_file();
    const auto [code, text] = error_of([&] { static_cast<void>(open(without())); });
    EXPECT_EQ(code, ErrorCode::corrupt);
    EXPECT_THAT(text, HasSubstr(in("db/ARCHIVE") + ": its checksum does not match; name the "));
    const CheckReport check = Database::check_directory(in("db"));
    ASSERT_EQ(check.findings.size(), 1u);
    EXPECT_THAT(check.findings[0], HasSubstr("archive: "));
    EXPECT_THAT(Database::open(in("db"), read_only()).statistics().archive_problem,
                HasSubstr("its checksum does not match"));
    live(naming("archive"));
    live(without());
    EXPECT_EQ(Database::archived(in("archive")).size(), 1u);
    EXPECT_EQ(Database::archived(in("archive"))[0].last, writers_.last());
}

TEST_F(ArchivingTest, EveryDamageOfTheFileIsNoticed) {
    { Database db = open(naming("archive")); }
    std::ostringstream text;
    text << std::ifstream{in("db/ARCHIVE")}.rdbuf();
    const std::string whole = text.str();
    const auto answer_to = [&](const std::string& content) {
        std::ofstream{in("db/ARCHIVE")} << content;
        return error_of([&] {
                   static_cast<void>(read_archive_file(operating_system_files(), in("db")));
               })
            .first;
    };
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string damaged = whole;
            damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
            ASSERT_EQ(answer_to(damaged), ErrorCode::corrupt) << "byte " << at << ", bit " << bit;
        }
        ASSERT_EQ(answer_to(whole.substr(0, at)), ErrorCode::corrupt) << "cut at " << at;
    }
}

TEST_F(ArchivingTest, AFileOfALaterFormatIsNamed) {
    { Database db = open(naming("archive")); }
    const std::string body = "amphora archiving, format 2\nanything\n";
    std::ofstream{in("db/ARCHIVE")} << body << fmt::format("checksum {:016x}\n", checksum64(body));
    EXPECT_EQ(error_of([&] { static_cast<void>(open(without())); }).first, ErrorCode::newer_format);
}

/// An opening for reading archives nothing, so damage of the file ARCHIVE does not keep readers
/// from the rows.
TEST_F(ArchivingTest, AFileThatCannotBeReadStopsNobodyWhoLooks) {
    live(naming("archive"));
    fs::remove(in("db/ARCHIVE"));
    fs::create_directory(in("db/ARCHIVE"));
    EXPECT_EQ(error_of([&] { static_cast<void>(open(without())); }).first, ErrorCode::io_error);
    Options looking = read_only();
    for (const OpenMode mode : {OpenMode::read_only, OpenMode::rescue}) {
        looking.mode = mode;
        const Database db = Database::open(in("db"), looking);
        EXPECT_THAT(db.statistics().archive_problem, HasSubstr("db/ARCHIVE"));
        EXPECT_EQ(db.snapshot().commit_seen().sequence, writers_.last());
    }
}

/// A backup, or a database restored from it, would archive a second past under the same names.
TEST_F(ArchivingTest, IsNotCopiedAlong) {
    Database db = open(naming("archive"));
    writers_.write(db, 5);
    db.backup(in("backup"));
    db.close();
    EXPECT_TRUE(fs::exists(in("db/ARCHIVE")));
    EXPECT_FALSE(fs::exists(in("backup/ARCHIVE")));
    Database::restore(in("backup"), in("new"), {.options = small()});
    EXPECT_FALSE(fs::exists(in("new/ARCHIVE")));
}

/// The repaired database is where the damaged one was, and must still be archived.
TEST_F(ArchivingTest, ContinuesAfterARepair) {
    live(naming("archive"));
    fs::remove_all(in("db/documents"));
    ASSERT_FALSE(Database::check_directory(in("db")).findings.empty());
    ASSERT_TRUE(Database::repair_directory(in("db"), RepairMode::apply, small()).applied);
    EXPECT_EQ(Database::open(in("db"), read_only()).statistics().archive_directory, in("archive"));
}

/// A repair that was killed when it was nearly done leaves the file in its unfinished directory,
/// and the next repair starts again.
TEST_F(ArchivingTest, ARepairThatWasKilledIsStartedOver) {
    live(naming("archive"));
    fs::remove_all(in("db/documents"));
    fs::create_directory(in("db.repaired.unfinished"));
    for (const std::string name : {"ARCHIVE", "ARCHIVE.new"}) {
        fs::copy_file(in("db/ARCHIVE"), in("db.repaired.unfinished/" + name));
    }
    ASSERT_TRUE(Database::repair_directory(in("db"), RepairMode::apply, small()).applied);
    EXPECT_EQ(Database::open(in("db"), read_only()).statistics().archive_directory, in("archive"));
}

/// A repair continues if the file that names the archive cannot be read.
TEST_F(ArchivingTest, ARepairContinuesWithoutTheFile) {
    live(naming("archive"));
    fs::remove_all(in("db/documents"));
    fs::remove(in("db/ARCHIVE"));
    fs::create_directory(in("db/ARCHIVE"));
    const RepairReport report = Database::repair_directory(in("db"), RepairMode::apply, small());
    ASSERT_TRUE(report.applied);
    EXPECT_THAT(report.losses, testing::Contains(HasSubstr("db/ARCHIVE")));
    EXPECT_EQ(Database::open(in("db"), read_only()).statistics().archive_directory, "");
}

TEST_F(ArchivingTest, RefusesWhatContradictsItself) {
    Options both = naming("archive");
    both.archiving = Archiving::stops;
    EXPECT_EQ(error_of([&] { static_cast<void>(open(both)); }).first, ErrorCode::invalid_argument);
    EXPECT_EQ(error_of([&] { static_cast<void>(open(naming("two\nlines"))); }).first,
              ErrorCode::invalid_argument);
    { Database db = open(naming("archive")); }
}

}  // namespace
}  // namespace amphora::backup_test
