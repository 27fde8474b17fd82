// The power is cut while a backup is restored, and after that.

#include "base/clock.hpp"
#include "crash/copy_place.hpp"
#include "crash/cycle_plan.hpp"
#include "crash/restore_wish.hpp"
#include "power/cut_plan.hpp"
#include "power/disk.hpp"
#include "power/recorded_victim.hpp"
#include "support/random.hpp"
#include "support/scratch_directory.hpp"
#include "workload/comparison.hpp"
#include "workload/mirror.hpp"
#include "workload/schema.hpp"
#include "workload/workload.hpp"

#include <amphora/amphora.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace amphora::power {
namespace {

namespace fs = std::filesystem;

enum class End : std::uint8_t { of_backup, of_archive, sequence, time };

struct Way {
    const char* name;
    End end;
    std::uint64_t cuts;
};

void PrintTo(const Way& way, std::ostream* out) {
    *out << way.name;
}

class RestoreTest : public testing::TestWithParam<Way> {
  protected:
    static constexpr std::uint32_t threads = 2;
    static constexpr std::uint64_t transactions = 40;  ///< of each thread, before the backup
    static constexpr std::uint64_t further = 15;       ///< and after it, up to `wish`; and again

    /// A disk with a backup and an archive that continues after it, without the database that they
    /// are of.
    [[nodiscard]] Image make_backup() {
        const std::string database = folder.path() + "/made/" + RecordedVictim::database;
        fs::create_directory(folder.path() + "/made");
        for (std::uint32_t thread = 0; thread < threads; ++thread) models.emplace_back(thread);
        // With an archive in force, no segment is used again before it is archived.
        Options archiving = options();
        if (GetParam().end != End::of_backup) {
            archiving.archive_directory = crash::place_of_archive(database);
        }
        Database db = Database::open(database, workload::schema, archiving);
        std::optional<workload::Mirror> mirror{std::in_place, db, random.seed()};
        work(db, transactions);
        db.backup(crash::place_of_copy(database, 0));
        if (GetParam().end != End::of_backup) {
            wish.with_archive = true;
            work(db, further);
            end_here(db.snapshot().commit_seen().sequence);
            std::vector<workload::Model> then = models;
            work(db, further);
            db.archive(crash::place_of_archive(database));
            if (!wish.is_to_the_end()) models.swap(then);
        }
        mirror.reset();
        db.close();
        fs::remove_all(database);
        return Image::read(folder.path() + "/made");
    }
    void work(Database& db, std::uint64_t times) {
        const workload::Workload workload{random.seed()};
        for (; times > 0; --times) {
            for (workload::Model& model : models) {
                workload.commit_next(db, model, Durability::synced);
            }
        }
    }
    void end_here(Sequence last) {
        if (GetParam().end == End::sequence) wish.to_sequence = number(last);
        if (GetParam().end != End::time) return;
        wish.to_time_us = now_us();
        while (now_us() == *wish.to_time_us) {  // what comes is made later
        }
    }
    [[nodiscard]] Options options() const { return crash::plan_of(random.seed(), 0).options; }

    /// Whether it was there already; if not, restores it over the rest of an earlier attempt.
    bool judge(const Image& image) const {
        const std::string root = folder.path() + "/image";
        image.write(root);
        const std::string database = root + "/" + RecordedVictim::database;
        const std::string restored = crash::place_of_restored(database);
        const bool was_there = fs::exists(restored);
        if (!was_there) {
            Database::restore(crash::place_of_copy(database, 0), restored,
                              wish.options_for(database, options()));
        }
        Database db = Database::open(restored, workload::schema, options());
        EXPECT_THAT(workload::compare(db.snapshot(), models), testing::IsEmpty());
        EXPECT_THAT((workload::Mirror{db, random.seed()}.catch_up()), testing::IsEmpty());
        EXPECT_THAT(db.check().findings, testing::IsEmpty());
        return was_there;
    }

    const support::Random random{20'260'131};
    const support::ScratchDirectory folder;
    std::vector<workload::Model> models;  ///< what is to be there
    crash::RestoreWish wish;
};

/// Once a restore has returned, the database is there and whole after every power cut. Before that,
/// nothing is there, or it is whole; the rest of the attempt prevents nothing. This holds for every
/// end of a restore, and nothing is stored that was committed after that end. Consumers continue there,
/// and handle every change once.
TEST_P(RestoreTest, WhatWasReportedIsThere) {
    SCOPED_TRACE(random.seed_text());
    const Image before = make_backup();
    const RecordedVictim victim{.folder = folder.path(),
                                .workload_seed = random.seed(),
                                .plan_seed = random.seed(),
                                .what = "restore=" + wish.word()};
    const Recording recording = victim.record(before);
    ASSERT_THAT(recording.said, testing::SizeIs(1)) << "restored";
    const Moment reported = recording.said.front().moment;

    Disk disk{recording};
    workload::Dice dice{random.seed()};
    const Phases phases{.open = recording.end, .closing = recording.end, .end = recording.end};
    std::uint64_t anew = 0;
    const std::uint64_t cuts = GetParam().cuts;
    for (const auto& [moment, loss] : plan_cuts(recording, phases, cuts, dice)) {
        disk.advance(moment);
        SCOPED_TRACE("cut after record " + std::to_string(moment) + " of " +
                     std::to_string(recording.end) + ", lost: " + std::string{to_string(loss)});
        const bool was_there = judge(disk.lose(loss, dice));
        anew += was_there ? 0 : 1;
        EXPECT_TRUE(was_there || moment < reported) << "restored, and not there";
    }
    EXPECT_GT(anew, 0u);
    EXPECT_LT(anew, cuts);
}

INSTANTIATE_TEST_SUITE_P(Each, RestoreTest,
                         testing::Values(Way{"OfTheBackup", End::of_backup, 60},
                                         Way{"WithTheArchive", End::of_archive, 20},
                                         Way{"ToASequence", End::sequence, 20},
                                         Way{"ToATime", End::time, 20}),
                         [](const auto& way) { return std::string{way.param.name}; });

}  // namespace
}  // namespace amphora::power
