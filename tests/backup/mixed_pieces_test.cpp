// Parts of several backups in one directory, or of one backup with a part missing, are never
// accepted as a backup.

#include "backup/writers.hpp"
#include "support/random.hpp"
#include "tree/scratch.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace amphora::backup_test {
namespace {

namespace fs = std::filesystem;
using tree::testing::ScratchDirectory;

class MixedPiecesTest : public testing::Test {
  protected:
    void copy(const std::string& from, const std::string& to) const {
        fs::copy(scratch / from, scratch / to, fs::copy_options::recursive);
    }
    /// Makes the directory `mixed`: everything of `base`, except one piece, which is from `other`.
    void mix(const std::string& base, const std::string& other, const std::string& piece) const {
        fs::remove_all(scratch / "mixed");
        copy(base, "mixed");
        fs::remove_all(scratch / ("mixed/" + piece));
        copy(other + "/" + piece, "mixed/" + piece);
    }
    /// An opening for reading is refused, too.
    void expect_refused(const std::string& backup, ErrorCode wanted) const {
        const auto [code, text] = error_of([&] {
            static_cast<void>(
                Database::restore(scratch / backup, scratch / "new", {.options = small()}));
        });
        EXPECT_EQ(code, wanted) << text;
        EXPECT_FALSE(fs::exists(scratch / "new"));
        EXPECT_FALSE(fs::exists(scratch / "new.unfinished"));
        const auto [code_of_look, text_of_look] =
            error_of([&] { static_cast<void>(Database::open(scratch / backup, read_only())); });
        EXPECT_EQ(code_of_look, wanted) << text_of_look;
    }
    /// Writes until both trees hold everything from before the call.
    void write_until_held(Database& database) {
        const Sequence before = writers.last();
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        for (Sequence held{}; held <= before;) {
            ASSERT_LT(std::chrono::steady_clock::now(), until) << "the trees hold nothing new";
            writers.write(database, 20);
            const Statistics now = database.statistics();
            held = std::min(now.trees[0].held, now.trees[1].held);
        }
    }

    const support::Random random;
    const ScratchDirectory scratch;
    Writers writers{random.seed(), 2};
    Database db = Database::open(scratch / "db", workload::schema, small());
};

constexpr std::array pieces{"journal", "relational", "documents"};

/// Two moments of one database: the part from the other moment is older or newer than the others,
/// and the journal shows it.
TEST_F(MixedPiecesTest, PartsOfTwoMomentsAreRefused) {
    SCOPED_TRACE(random.seed_text());
    writers.write(db, 40);
    db.backup(scratch / "early");
    write_until_held(db);
    writers.start(db);
    writers.await(writers.count() + 600);
    writers.stop();
    write_until_held(db);
    db.backup(scratch / "late");
    for (const char* piece : pieces) {
        for (const auto& [base, other] : {std::pair{"early", "late"}, std::pair{"late", "early"}}) {
            SCOPED_TRACE(std::string{piece} + " of " + other + " in " + base);
            mix(base, other, piece);
            expect_refused("mixed", ErrorCode::foreign_piece);
        }
    }
}

/// Two moments between which nothing was delivered: only the journal is longer. The missing commits
/// of the later backup are reported.
TEST_F(MixedPiecesTest, AnOlderJournalIsRefusedThoughTheTreesFitIt) {
    SCOPED_TRACE(random.seed_text());
    Options lazy = small();
    lazy.seal_age_ms = 3'600'000;
    Database quiet = Database::open(scratch / "quiet", workload::schema, lazy);
    writers.write(quiet, 3);
    quiet.backup(scratch / "early");
    writers.write(quiet, 1);
    quiet.backup(scratch / "late");
    mix("late", "early", "journal");
    expect_refused("mixed", ErrorCode::foreign_piece);
}

/// A backup that has lost its newest segment has a journal that fits its trees. It is not restored
/// without the missing commits, unless an earlier end is asked for.
TEST_F(MixedPiecesTest, ABackupWithoutItsLastSegmentIsRefused) {
    SCOPED_TRACE(random.seed_text());
    Options lazy = small();
    lazy.seal_age_ms = 3'600'000;
    lazy.seal_bytes = 1 << 20;
    Database quiet = Database::open(scratch / "quiet", workload::schema, lazy);
    while (quiet.statistics().journal.segments_live < 3) writers.write(quiet, 1);
    const BackupReport report = quiet.backup(scratch / "backup");
    writers.expect_as_of(Database::open(scratch / "backup", read_only()).snapshot(), report.last);

    std::vector<fs::path> segments;
    for (const auto& entry : fs::directory_iterator(scratch / "backup/journal")) {
        segments.push_back(entry.path());
    }
    ASSERT_GE(segments.size(), 2u);
    std::sort(segments.begin(), segments.end());
    const std::string name = segments.back().stem();
    const Sequence before{std::stoull(name.substr(name.rfind('-') + 1)) - 1};
    ASSERT_GE(before, report.earliest);
    fs::remove(segments.back());
    expect_refused("backup", ErrorCode::foreign_piece);

    RestoreOptions options{.to_time = DateTime{system_us()}, .options = small()};
    EXPECT_EQ(
        error_of([&] {
            static_cast<void>(Database::restore(scratch / "backup", scratch / "new", options));
        }).first,
        ErrorCode::foreign_piece);
    options.to_time.reset();
    options.to_sequence = before;
    EXPECT_EQ(Database::restore(scratch / "backup", scratch / "new", options).last, before);
    writers.expect_as_of(Database::open(scratch / "new", read_only()).snapshot(), before);
}

/// Two databases, and two timelines of one: each piece carries its identity.
TEST_F(MixedPiecesTest, PartsOfTwoDatabasesAreRefused) {
    SCOPED_TRACE(random.seed_text());
    writers.write(db, 20);
    db.backup(scratch / "ours");
    Database::restore(scratch / "ours", scratch / "restored", {.options = small()});
    Database::open(scratch / "restored", small()).backup(scratch / "next life");
    Writers others{random.seed(), 2};
    Database stranger = Database::open(scratch / "stranger", workload::schema, small());
    others.write(stranger, 20);
    stranger.backup(scratch / "theirs");
    for (const char* piece : pieces) {
        for (const char* other : {"theirs", "next life"}) {
            SCOPED_TRACE(std::string{piece} + " of " + other);
            mix("ours", other, piece);
            expect_refused("mixed", ErrorCode::foreign_piece);
            mix(other, "ours", piece);
            expect_refused("mixed", ErrorCode::foreign_piece);
        }
    }
    mix("ours", "theirs", "BACKUP");
    expect_refused("mixed", ErrorCode::foreign_piece);
}

/// A piece is missing.
TEST_F(MixedPiecesTest, AMissingPartIsNamed) {
    SCOPED_TRACE(random.seed_text());
    writers.write(db, 20);
    db.backup(scratch / "backup");
    for (const std::string piece : pieces) {
        fs::remove_all(scratch / "mixed");
        copy("backup", "mixed");
        fs::remove_all(scratch / "mixed/" + piece);
        for (const bool restores : {true, false}) {
            const auto [code, text] = error_of([&] {
                if (restores) {
                    static_cast<void>(Database::restore(scratch / "mixed", scratch / "new",
                                                        {.options = small()}));
                } else {
                    static_cast<void>(Database::open(scratch / "mixed", read_only()));
                }
            });
            EXPECT_TRUE(code == ErrorCode::not_a_database || code == ErrorCode::foreign_piece)
                << text;
            EXPECT_NE(text.find(piece), std::string::npos) << text;
            EXPECT_FALSE(fs::exists(scratch / "new.unfinished"));
        }
    }
}

}  // namespace
}  // namespace amphora::backup_test
