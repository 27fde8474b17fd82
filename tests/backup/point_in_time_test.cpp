// Any moment since a backup can be restored, as far as the archive reaches.

#include "backup/writers.hpp"
#include "journal/segment/segment_header.hpp"
#include "support/random.hpp"
#include "tree/scratch.hpp"

#include <algorithm>
#include <filesystem>

namespace amphora::backup_test {
namespace {

namespace fs = std::filesystem;
using tree::testing::ScratchDirectory;

/// A database with an archive: a backup in the middle of its life, and many commits after it,
/// through several openings.
class PointInTimeTest : public testing::Test {
  protected:
    void SetUp() override {
        SCOPED_TRACE(random.seed_text());
        {
            Database db = open();
            writers.start(db);
            writers.await(400);
            backup = db.backup(scratch / "backup");
            writers.await(writers.count() + 600);
            writers.stop();
        }
        for (int life = 0; life < 2; ++life) {
            Database db = open();
            writers.write(db, 60);
            db.close();
        }
        last = writers.last();
    }
    [[nodiscard]] Database open() {
        Options options = small();
        options.archive_directory = scratch / "archive";
        return Database::open(scratch / "db", workload::schema, options);
    }
    /// Oldest first, without the catalogs next to them.
    [[nodiscard]] std::vector<std::string> archived_segments() const {
        std::vector<std::string> segments;
        for (const auto& entry : fs::directory_iterator(scratch / "archive")) {
            if (entry.path().extension() == ".log") segments.push_back(entry.path());
        }
        std::sort(segments.begin(), segments.end());
        return segments;
    }
    RestoreReport restore(const RestoreOptions& options) {
        fs::remove_all(scratch / "restored");
        return Database::restore(scratch / "backup", scratch / "restored", options);
    }
    [[nodiscard]] RestoreOptions with_archive() const {
        RestoreOptions options;
        options.archive = scratch / "archive";
        options.options = small();
        return options;
    }
    void expect_restored(const RestoreReport& report) {
        SCOPED_TRACE("restored as of commit " + std::to_string(number(report.last)));
        const Database db = Database::open(scratch / "restored", read_only());
        writers.expect_as_of(db.snapshot(), report.last);
    }

    support::Random random;
    const ScratchDirectory scratch;
    Writers writers{random.seed(), 3};
    BackupReport backup;
    Sequence last{};
};

/// For every commit, in the middle of a frame or at the end of a segment, both stores are the fold
/// of the commits up to it and nothing else.
TEST_F(PointInTimeTest, AsOfAnyCommit) {
    const std::uint64_t first = number(backup.earliest);
    std::vector<std::uint64_t> wanted{first, number(backup.last), number(last) - 1};
    for (int i = 0; i < 5; ++i) wanted.push_back(first + random() % (number(last) - first + 1));
    for (const std::uint64_t sequence : wanted) {
        RestoreOptions options = with_archive();
        options.to_sequence = Sequence{sequence};
        const RestoreReport report = restore(options);
        EXPECT_EQ(number(report.last), sequence);
        expect_restored(report);
    }
}

/// Commits that are written together are in one frame, and each of them can be the end.
TEST_F(PointInTimeTest, AsOfEachCommitOfAFrame) {
    {
        Database db = open();
        JournalReport journal;
        for (int tries = 0; journal.frames >= journal.commits; ++tries) {
            ASSERT_LT(tries, 100) << "no two commits shared a frame";
            writers.write(db, 2, Durability::buffered);
            db.sync(db.snapshot().commit_seen());
            journal = db.statistics().journal;
        }
        db.close();
    }
    for (std::uint64_t end = number(last) + 1; end <= number(writers.last()); ++end) {
        RestoreOptions options = with_archive();
        options.to_sequence = Sequence{end};
        const RestoreReport report = restore(options);
        EXPECT_EQ(number(report.last), end);
        expect_restored(report);
    }
}

/// Everything that had returned by then is there; nothing that had not begun is.
TEST_F(PointInTimeTest, AsOfAnyTime) {
    const std::vector<Made> all = writers.all();
    for (int i = 0; i < 4; ++i) {
        const Made chosen = all[random() % all.size()];
        if (chosen.sequence < backup.last) continue;
        RestoreOptions options = with_archive();
        options.to_time = DateTime{chosen.returned_us};
        const RestoreReport report = restore(options);
        EXPECT_LE(report.time, *options.to_time);
        for (const Made& made : all) {
            if (made.began_us > chosen.returned_us) {
                EXPECT_GT(made.sequence, report.last);
            }
            // A weaker commit may get into a frame only after it has returned.
            if (made.returned_us < chosen.began_us - 1'000'000) {
                EXPECT_LE(made.sequence, report.last);
            }
        }
        EXPECT_GE(report.last, chosen.sequence);
        expect_restored(report);
    }
}

/// Without an end it is everything in the archive: the database was closed, so that is everything.
TEST_F(PointInTimeTest, AllThatThereIs) {
    const RestoreReport report = restore(with_archive());
    EXPECT_EQ(report.last, last);
    EXPECT_GT(report.commits_replayed, 0u);
    expect_restored(report);

    const auto ranges = Database::archived(scratch / "archive");
    ASSERT_EQ(ranges.size(), 1u);
    EXPECT_EQ(ranges[0].first, Sequence{1});
    EXPECT_EQ(ranges[0].last, last);
    EXPECT_EQ(ranges[0].timeline, backup.timeline);
    EXPECT_GT(ranges[0].segments, 3u);
}

/// A moment before the backup, or one that the archive does not reach, is refused, and no files are
/// left.
TEST_F(PointInTimeTest, WhatCannotBeHadIsSaid) {
    const auto refused = [&](const RestoreOptions& options) {
        const auto [code, text] = error_of([&] { restore(options); });
        EXPECT_EQ(code, ErrorCode::invalid_argument) << text;
        EXPECT_FALSE(fs::exists(scratch / "restored"));
        EXPECT_FALSE(fs::exists(scratch / "restored.unfinished"));
        return text;
    };
    RestoreOptions options = with_archive();
    options.to_sequence = Sequence{number(backup.earliest) - 1};
    EXPECT_NE(refused(options).find("older backup"), std::string::npos);
    options.to_sequence = Sequence{number(last) + 1};
    EXPECT_NE(refused(options).find("end with"), std::string::npos);
    options.to_time = DateTime{1};
    refused(options);
    options.to_sequence.reset();
    EXPECT_NE(refused(options).find("older backup"), std::string::npos);
    options.to_time = now;
    EXPECT_NE(refused(options).find("leave to_time out"), std::string::npos);
}

/// A segment is missing in the middle of the archive. Commits before it can be restored, commits
/// after it cannot, and the message says up to where.
TEST_F(PointInTimeTest, AGapIsNamed) {
    const std::vector<std::string> segments = archived_segments();
    fs::remove(segments.end()[-3]);
    EXPECT_EQ(Database::archived(scratch / "archive").size(), 2u);
    const auto [code, text] = error_of([&] { restore(with_archive()); });
    EXPECT_EQ(code, ErrorCode::foreign_piece);
    const std::string words = "restore to sequence ";
    const std::size_t at = text.find(words);
    ASSERT_NE(at, std::string::npos) << text;
    RestoreOptions options = with_archive();
    options.to_sequence = Sequence{std::stoull(text.substr(at + words.size()))};
    expect_restored(restore(options));
}

/// A damaged byte in an archived segment is found before anything is made from it.
TEST_F(PointInTimeTest, DamageInTheArchiveIsNamed) {
    const std::vector<std::string> segments = archived_segments();
    const std::string path = segments.end()[-2];
    {
        std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
        file.seekp(static_cast<std::streamoff>(journal::header_bytes + 100));
        file.put('\x7f');
    }
    const auto [code, text] = error_of([&] { restore(with_archive()); });
    EXPECT_EQ(code, ErrorCode::corrupt) << text;
    EXPECT_NE(text.find(fs::path{path}.filename()), std::string::npos) << text;
}

}  // namespace
}  // namespace amphora::backup_test
