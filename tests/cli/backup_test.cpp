// `amphora backup`, `restore` and `archive`, as people use them in a shell.

#include "cli/command_line_test.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <chrono>
#include <set>

namespace amphora {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class BackupCommandTest : public CommandLineTest {
  protected:
    void SetUp() override { make_shop(); }

    [[nodiscard]] std::string in(const std::string& name) const {
        return directory_.path() + "/" + name;
    }
    Commit add(const std::string& name) const {
        Options options;
        options.archive_directory = archive_;
        Database db = Database::open(in("db"), options);
        const Commit commit = db.write([&](Transaction& tx) {
            const auto id = shop::add_customer(tx, name);
            tx.insert(shop::visits, {{"customer_id", id}, {"page", name}});
        });
        db.close();
        return commit;
    }
    /// What a program reads: progress goes elsewhere.
    [[nodiscard]] Document json(const std::string& words) const {
        return Document::from_json(amphora(words + " --json 2>/dev/null | cat").text);
    }
    /// The names of the customers, each of whom must have the one visit that came with it.
    [[nodiscard]] std::vector<std::string> customers(const std::string& database) const {
        std::vector<std::string> names;
        const Database db = Database::open(in(database));
        const Snapshot now = db.snapshot();
        for (const RowView& row : now.scan(shop::customers)) {
            names.emplace_back(row["name"].text());
        }
        std::vector<std::string> pages;
        for (const DocumentView visit : now.scan(shop::visits)) {
            pages.emplace_back(*visit.field("page")->as_text());
        }
        EXPECT_THAT(pages, testing::UnorderedElementsAreArray(names));
        return names;
    }
    static DateTime system_time() {
        using namespace std::chrono;
        return DateTime{
            duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
    }
    [[nodiscard]] std::set<std::string> entries() const {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(directory_.path())) {
            names.insert(entry.path().filename());
        }
        return names;
    }
    /// The call fails with that code and those words, and makes and removes nothing.
    void expect_refused(const std::string& words, int code, const std::string& message) const {
        const auto before = entries();
        const Answer answer = amphora(words);
        EXPECT_EQ(answer.code, code) << words << "\n" << answer.text;
        EXPECT_THAT(answer.text, HasSubstr(message)) << words;
        EXPECT_EQ(entries(), before) << words;
    }

    std::string archive_;  ///< of the database, if it has one
};

/// What was stored when the copy was made is there when it is restored, in both stores; later
/// commits are not.
TEST_F(BackupCommandTest, ABackupIsRestoredAsItWas) {
    const Commit kim = add("Kim");
    const Answer made = amphora("backup db monday");
    EXPECT_EQ(made.code, 0) << made.text;
    EXPECT_THAT(made.text, HasSubstr("monday: everything up to commit " +
                                     std::to_string(number(kim.sequence))));
    add("Lee");

    const Answer restored = amphora("restore monday new");
    EXPECT_EQ(restored.code, 0) << restored.text;
    EXPECT_THAT(restored.text,
                HasSubstr("new: everything up to commit " + std::to_string(number(kim.sequence))));
    EXPECT_THAT(customers("new"), testing::ElementsAre("Kim"));
    EXPECT_THAT(customers("db"), testing::ElementsAre("Kim", "Lee"));
    EXPECT_EQ(amphora("check new").code, 0);
    EXPECT_THAT(entries(), testing::UnorderedElementsAre("db", "monday", "new", "shop.sql"));
}

/// For programs: the same numbers as JSON, which identify the copy, the database and the restored
/// one.
TEST_F(BackupCommandTest, SaysAsJsonWhatWasMade) {
    const Commit kim = add("Kim");
    const auto last = static_cast<std::int64_t>(number(kim.sequence));
    const Document made = json("backup db monday --check");
    EXPECT_EQ(made.find("last")->as_int64(), last);
    EXPECT_LE(*made.find("earliest")->as_int64(), last);
    EXPECT_GT(*made.find("bytes")->as_int64(), 0);

    const Document new_one = json("restore monday new");
    EXPECT_EQ(new_one.find("last")->as_int64(), last);
    EXPECT_EQ(new_one.find("database")->as_text(), made.find("database")->as_text());
    EXPECT_EQ(new_one.find("timeline_before")->as_text(), made.find("timeline")->as_text());
    EXPECT_NE(new_one.find("timeline")->as_text(), made.find("timeline")->as_text());

    const Document archived = json("archive db segments");
    EXPECT_EQ(archived.find("last")->as_int64(), last);
    EXPECT_GE(*archived.find("segments")->as_int64(), 1);
    const Document range = json("archive segments");
    EXPECT_EQ(range.find("timeline")->as_text(), made.find("timeline")->as_text());
    EXPECT_EQ(range.find("last")->as_int64(), last);
}

/// With an archive, any commit and any moment after the backup can be restored.
TEST_F(BackupCommandTest, RestoresAsOfACommitOrATime) {
    archive_ = in("segments");
    add("Kim");
    ASSERT_EQ(amphora("backup db monday").code, 0);
    const Commit lee = add("Lee");
    const DateTime between = system_time();
    const Commit han = add("Han");
    const Answer archived = amphora("archive db segments");
    EXPECT_EQ(archived.code, 0) << archived.text;
    EXPECT_THAT(archived.text, HasSubstr("up to commit " + std::to_string(number(han.sequence))));
    const Answer listed = amphora("archive segments");
    EXPECT_EQ(listed.code, 0) << listed.text;
    EXPECT_THAT(listed.text, HasSubstr(" to " + std::to_string(number(han.sequence))));

    const std::string with_archive = " --archive segments";
    EXPECT_EQ(amphora("restore monday all" + with_archive).code, 0);
    EXPECT_THAT(customers("all"), testing::ElementsAre("Kim", "Lee", "Han"));

    EXPECT_EQ(amphora("restore monday by-commit --to-sequence " +
                      std::to_string(number(lee.sequence)) + with_archive)
                  .code,
              0);
    EXPECT_THAT(customers("by-commit"), testing::ElementsAre("Kim", "Lee"));

    const Answer by_time =
        amphora("restore monday by-time --to-time '" + to_string(between) + "'" + with_archive);
    EXPECT_EQ(by_time.code, 0) << by_time.text;
    EXPECT_THAT(customers("by-time"), testing::ElementsAre("Kim", "Lee"));

    expect_refused("restore monday none --to-sequence " + std::to_string(number(han.sequence) + 1) +
                       with_archive,
                   3, "end with");
    expect_refused("restore monday none --to-time '2001-01-01 00:00:00'" + with_archive, 3,
                   "older backup");
}

/// A relative name means the same directory for a later opening from another working directory.
TEST_F(BackupCommandTest, KeepsArchivingUntilItIsStopped) {
    const auto last_in = [&](const std::string& archive) {
        return Sequence{
            static_cast<std::uint64_t>(*json("archive " + archive).find("last")->as_int64())};
    };
    add("Kim");
    const Answer kept = amphora("archive db segments --keep");
    EXPECT_EQ(kept.code, 0) << kept.text;
    EXPECT_THAT(kept.text, HasSubstr("from now on"));
    EXPECT_EQ(json("stats db").find("archive")->as_text(), in("segments"));
    const Commit lee = add("Lee");
    EXPECT_EQ(last_in("segments"), lee.sequence);

    const Answer stopped = amphora("archive db --stop");
    EXPECT_EQ(stopped.code, 0) << stopped.text;
    EXPECT_THAT(stopped.text, HasSubstr("segments gets nothing from now on"));
    EXPECT_EQ(json("stats db").find("archive")->as_text(), "");
    add("Han");
    EXPECT_EQ(last_in("segments"), lee.sequence);
    EXPECT_THAT(amphora("archive db --stop").text, HasSubstr("is not archived"));
    EXPECT_EQ(json("archive db --stop").find("stopped")->as_text(), "");
}

/// An argument that is not what the command expects is named, and left as it is.
TEST_F(BackupCommandTest, NamesWhatItCannotUse) {
    add("Kim");
    ASSERT_EQ(amphora("backup db monday").code, 0);
    write("notes.txt", "x");
    fs::create_directory(in("empty"));

    expect_refused("backup db monday", 3, "monday: is there already");
    expect_refused("backup db db", 3, "the directory of the database itself");
    expect_refused("backup db notes.txt", 3, "is there already");
    expect_refused("backup nowhere copy", 3, "there is no such directory");
    expect_refused("backup empty copy", 3, "is not a database");
    expect_refused("backup monday copy", 3, "it is a backup");
    expect_refused("backup db missing/copy", 3, "missing");

    expect_refused("restore monday db", 3, "db: is there already");
    expect_refused("restore nowhere new", 3, "nowhere is not a backup");
    expect_refused("restore db new", 3, "db is not a backup");
    expect_refused("restore empty new", 3, "empty is not a backup");
    expect_refused("restore monday new --archive nowhere", 3, "nowhere");

    expect_refused("archive nowhere segments", 3, "there is no such directory");
    expect_refused("archive nowhere", 3, "nowhere is not an archive");
    expect_refused("archive empty", 1, "");
    expect_refused("archive db notes.txt --keep", 3, "notes.txt");
    EXPECT_EQ(json("stats db").find("archive")->as_text(), "");

    fs::remove(in("monday") + "/BACKUP");
    expect_refused("restore monday new", 3, "monday is not a backup");
    EXPECT_THAT(customers("db"), testing::ElementsAre("Kim"));
}

TEST_F(BackupCommandTest, AWrongCallSaysHowItIsMade) {
    ASSERT_EQ(amphora("backup db monday").code, 0);
    for (const std::string words : {"backup", "backup db", "backup db copy another"}) {
        expect_refused(words, 2, "usage: amphora backup DATABASE DESTINATION");
    }
    for (const std::string words :
         {"restore", "restore monday", "restore monday new another",
          "restore monday new --to-sequence", "restore monday new --to-sequence late",
          "restore monday new --to-time yesterday",
          "restore monday new --to-sequence 1 --to-time '2030-01-01 00:00:00'",
          "restore monday new --check"}) {
        expect_refused(words, 2, "usage: amphora restore BACKUP DESTINATION");
    }
    for (const std::string words :
         {"archive", "archive db segments another", "archive db segments --stop",
          "archive db --keep", "archive db --keep --stop"}) {
        expect_refused(words, 2, "usage: amphora archive DATABASE ARCHIVE");
    }
}

/// The command copies a database that nobody has open; a program that has it open makes its own
/// backup.
TEST_F(BackupCommandTest, ADatabaseInUseNamesItsUser) {
    const Database db = Database::open(in("db"));
    expect_refused("backup db copy", 3, "in use by pid " + std::to_string(::getpid()));
    expect_refused("archive db segments", 3, "in use by pid " + std::to_string(::getpid()));
}

/// Damage in the copy is found before a database is made from it.
TEST_F(BackupCommandTest, ADamagedBackupIsNamed) {
    for (int customer = 0; customer < 3; ++customer) add("customer" + std::to_string(customer));
    ASSERT_EQ(amphora("backup db monday").code, 0);
    const std::string path = in("monday") + "/BACKUP";
    const std::string text = read("monday/BACKUP");
    std::ofstream{path} << text.substr(0, text.size() / 2);
    expect_refused("restore monday new", 3, "BACKUP");
    std::ofstream{path} << text;
    fs::resize_file(in("monday") + "/relational/data.mdb", 4096);
    expect_refused("restore monday new", 3, "relational");
}

}  // namespace
}  // namespace amphora
