// A backup is made while others write, and is both stores as of one commit.

#include "backup/writers.hpp"
#include "support/random.hpp"
#include "tree/scratch.hpp"

#include <filesystem>
#include <fstream>

namespace amphora::backup_test {
namespace {

namespace fs = std::filesystem;
using tree::testing::ScratchDirectory;

/// Threads write rows and documents without a pause while the copies are made, so segments are
/// recycled, tables are flushed and pages are reused during the copy. Each copy opens, and is the
/// fold of all commits up to its last one, in both stores. Everything that had returned before the
/// backup began is in it. The database restored from it is the same, and can be used.
TEST(BackupTest, IsOneMomentWhileWritersContinue) {
    const support::Random random;
    SCOPED_TRACE(random.seed_text());
    const ScratchDirectory scratch;
    Writers writers{random.seed(), 3};
    Database db = Database::open(scratch / "db", workload::schema, small());
    writers.start(db);
    for (int round = 0; round < 3; ++round) {
        writers.await(writers.count() + 300);
        const Sequence before = writers.last();
        const std::string place = scratch / ("backup" + std::to_string(round));
        const BackupReport report = db.backup(place);
        EXPECT_GE(report.last, before);
        EXPECT_LE(report.earliest, report.last);
        writers.await_notes();
        {
            const Database copy = Database::open(place, read_only());
            writers.expect_as_of(copy.snapshot(), report.last);
            EXPECT_TRUE(copy.check().findings.empty());
        }
        const RestoreReport restored =
            Database::restore(place, scratch / "restored", {.options = small()});
        EXPECT_EQ(restored.last, report.last);
        Database again = Database::open(scratch / "restored", workload::schema, small());
        writers.expect_as_of(again.snapshot(), report.last);
        again.write([](Transaction& tx) {
            tx.insert(workload::owners,
                      Record{{"owner_id", 1}, {"name", "new"}, {"email", "new@example.com"}});
        });
        again.close();
        fs::remove_all(scratch / "restored");
    }
    writers.stop();
    writers.expect_as_of(db.snapshot(), writers.last());
}

/// A commit that returned before its sync, as weaker ones do, is in the copy, too, because its
/// caller expects it there.
TEST(BackupTest, HoldsWhatHasReturned) {
    const ScratchDirectory scratch;
    Options lazy = small();
    lazy.seal_age_ms = lazy.sync_interval_ms = 3'600'000;
    Database db = Database::open(scratch / "db", workload::schema, lazy);
    std::int64_t id = 0;
    for (const Durability durability : {Durability::written, Durability::buffered}) {
        const Commit commit = db.write(
            [&](Transaction& tx) {
                tx.insert(workload::owners, Record{{"owner_id", ++id}, {"name", "weak"}});
            },
            {.durability = durability});
        const std::string place = scratch / ("backup" + std::to_string(id));
        EXPECT_EQ(db.backup(place).last, commit.sequence);
        EXPECT_TRUE(Database::open(place, read_only()).snapshot().find(workload::owners, {id}));
    }
}

}  // namespace
}  // namespace amphora::backup_test
