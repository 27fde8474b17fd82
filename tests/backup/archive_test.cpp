// The archive gets every segment before it is reused; otherwise the segment waits.

#include "backup/writers.hpp"
#include "support/random.hpp"
#include "tree/scratch.hpp"

#include <filesystem>
#include <fstream>

namespace amphora::backup_test {
namespace {

namespace fs = std::filesystem;
using tree::testing::ScratchDirectory;

Options archiving(const std::string& archive) {
    Options options = small();
    options.journal_bytes_max = 4 * options.segment_bytes;
    options.archive_directory = archive;
    return options;
}

void add_owner(Database& db, std::int64_t id) {
    db.write(
        [&](Transaction& tx) {
            tx.insert(workload::owners, Record{{"owner_id", id}, {"name", std::string(60, 'n')}});
            tx.insert(workload::notes, {{"_id", id},
                                        {"owner_id", id},
                                        {"slug", "s" + std::to_string(id)},
                                        {"count", std::int64_t{0}},
                                        {"body", std::string(4000, 'b')}});
        },
        {.durability = Durability::written, .timeout = std::chrono::milliseconds{20}});
}

/// Nothing can be written into the archive. The database continues as long as its journal has room.
/// Then writers are refused by a named error that says for whom the journal is kept. When the
/// archive takes segments again, everything continues by itself. No commit is missing in the
/// archive.
TEST(ArchiveTest, HoldsTheJournalUntilItHasASegment) {
    const ScratchDirectory scratch;
    const std::string place = scratch / "archive";
    std::ofstream{place} << "in the way";
    Database db = Database::open(scratch / "db", workload::schema, archiving(place));
    const BackupReport backup = db.backup(scratch / "backup");

    std::int64_t written = 0;
    std::optional<Error> refusal;
    const auto full_by = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!refusal && written < 5'000) {
        ASSERT_LT(std::chrono::steady_clock::now(), full_by) << "the journal does not fill";
        try {
            add_owner(db, written + 1);
            ++written;
        } catch (const Error& error) {
            // If delivery is slow, an ordinary backlog of documents may come first, and end.
            if (error.code() != ErrorCode::documents_stalled) refusal = error;
        }
    }
    ASSERT_TRUE(refusal.has_value()) << "the journal grew without a bound";
    EXPECT_EQ(refusal->code(), ErrorCode::outbox_full);
    EXPECT_NE(std::string{refusal->what()}.find("kept for the archive"), std::string::npos)
        << refusal->what();
    EXPECT_NE(db.statistics().archive_problem, "");
    EXPECT_EQ(db.statistics().journal.recycled, Sequence{});

    fs::remove(place);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    for (const std::int64_t goal = written + 200; written < goal;) {
        ASSERT_LT(std::chrono::steady_clock::now(), until) << "does not heal";
        try {
            add_owner(db, written + 1);
            ++written;
        } catch (const Error& error) {
            // Once the archive has caught up, an ordinary backlog of documents may be left.
            ASSERT_TRUE(error.code() == ErrorCode::outbox_full ||
                        error.code() == ErrorCode::documents_stalled)
                << error.what();
        }
    }
    EXPECT_EQ(db.statistics().archive_problem, "");
    db.close();

    RestoreOptions options;
    options.archive = place;
    options.options = small();
    const RestoreReport report = Database::restore(scratch / "backup", scratch / "new", options);
    EXPECT_GT(report.last, backup.last);
    const Database restored = Database::open(scratch / "new", read_only());
    const Snapshot now = restored.snapshot();
    for (std::int64_t id = 1; id <= written; ++id) {
        ASSERT_TRUE(now.find(workload::owners, {id})) << id;
    }
}

/// Recycling follows the archive, not the other way round: what the journal has recycled is in the
/// archive at every moment, not only at the end.
TEST(ArchiveTest, HasWhatTheJournalHasLetGo) {
    const support::Random random;
    SCOPED_TRACE(random.seed_text());
    const ScratchDirectory scratch;
    const std::string place = scratch / "archive";
    Writers writers{random.seed(), 2};
    Database db = Database::open(scratch / "db", workload::schema, archiving(place));
    writers.start(db);
    Sequence recycled{};
    for (int round = 0; round < 40; ++round) {
        writers.await(writers.count() + 40);
        recycled = db.statistics().journal.recycled;
        if (recycled == Sequence{}) continue;
        const auto ranges = Database::archived(place);
        ASSERT_EQ(ranges.size(), 1u);
        EXPECT_EQ(ranges[0].first, Sequence{1});
        EXPECT_GE(ranges[0].last, recycled);
    }
    writers.stop();
    EXPECT_GT(recycled, Sequence{}) << "nothing was ever recycled";
}

/// Filled by hand, also from a database without an archive: complete, and the second time only with
/// new segments.
TEST(ArchiveTest, IsFilledByHandToo) {
    const support::Random random;
    SCOPED_TRACE(random.seed_text());
    const ScratchDirectory scratch;
    Writers writers{random.seed(), 2};
    Options options = small();
    // The first segment is large in this profile, so none is recycled between the calls.
    options.profile = Profile::bench;
    options.segment_bytes = 4 << 20;
    options.journal_bytes_max = 4 * options.segment_bytes;
    Database db = Database::open(scratch / "db", workload::schema, options);
    db.backup(scratch / "backup");
    writers.write(db, 50);
    const ArchiveReport first = db.archive(scratch / "archive");
    EXPECT_EQ(first.last, writers.last());
    EXPECT_GE(first.segments, 1u);
    EXPECT_EQ(db.archive(scratch / "archive").segments, 0u);
    writers.write(db, 50);
    EXPECT_GE(db.archive(scratch / "archive").segments, 1u);
    const RestoreReport report = Database::restore(
        scratch / "backup", scratch / "new", {.archive = scratch / "archive", .options = small()});
    EXPECT_EQ(report.last, writers.last());
}

/// Two copies of one database that are both used would fill one archive with two different pasts
/// under the same names. The second copy is refused by name, and the archive stays as it was.
TEST(ArchiveTest, RefusesASecondPast) {
    const ScratchDirectory scratch;
    { Database db = Database::open(scratch / "db", workload::schema, small()); }
    fs::copy(scratch / "db", scratch / "twin", fs::copy_options::recursive);
    for (const std::string name : {"db", "twin"}) {
        Database db = Database::open(scratch / name, workload::schema, small());
        add_owner(db, name == "db" ? 1 : 2);
        if (name == "db") {
            db.archive(scratch / "archive");
            continue;
        }
        const auto [code, text] = error_of([&] { db.archive(scratch / "archive"); });
        EXPECT_EQ(code, ErrorCode::foreign_piece) << text;
    }
}

}  // namespace
}  // namespace amphora::backup_test
