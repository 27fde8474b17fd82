// The power is cut while a backup is restored, and behind it.

#include "crash/copy_place.hpp"
#include "crash/cycle_plan.hpp"
#include "power/cut_plan.hpp"
#include "power/disk.hpp"
#include "power/recorded_victim.hpp"
#include "power/scratch_folder.hpp"
#include "support/random.hpp"
#include "workload/comparison.hpp"
#include "workload/schema.hpp"
#include "workload/workload.hpp"

#include <amphora/amphora.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace amphora::power {
namespace {

namespace fs = std::filesystem;

class RestoreTest : public testing::Test {
  protected:
    static constexpr std::uint32_t threads = 2;
    static constexpr std::uint64_t transactions = 40;  ///< of each thread
    static constexpr std::uint64_t cuts = 60;

    /// A disk with a backup and without the database that it is of.
    [[nodiscard]] Image make_backup() {
        const workload::Workload workload{random.seed()};
        const std::string database = folder.path() + "/made/" + RecordedVictim::database;
        fs::create_directory(folder.path() + "/made");
        for (std::uint32_t thread = 0; thread < threads; ++thread) models.emplace_back(thread);
        Database db = Database::open(database, workload::schema, options());
        for (std::uint64_t done = 0; done < transactions; ++done) {
            for (workload::Model& model : models)
                workload.commit_next(db, model, Durability::synced);
        }
        db.backup(crash::place_of_copy(database, 0));
        db.close();
        fs::remove_all(database);
        return Image::read(folder.path() + "/made");
    }
    [[nodiscard]] Options options() const { return crash::plan_of(random.seed(), 0).options; }

    /// Whether it was there already; restores it if not, over whatever is left.
    bool judge(const Image& image) const {
        const std::string root = folder.path() + "/image";
        image.write(root);
        const std::string database = root + "/" + RecordedVictim::database;
        const std::string restored = crash::place_of_restored(database);
        const bool was_there = fs::exists(restored);
        if (!was_there) {
            Database::restore(crash::place_of_copy(database, 0), restored, {.options = options()});
        }
        const Database db = Database::open(restored, workload::schema, options());
        EXPECT_THAT(workload::compare(db.snapshot(), models), testing::IsEmpty());
        EXPECT_THAT(db.check().findings, testing::IsEmpty());
        return was_there;
    }

    const support::Random random{20'260'131};
    const ScratchFolder folder;
    std::vector<workload::Model> models;
};

/// Once a restore has returned, the database is there and whole whenever the power goes. Before,
/// nothing is there, or it is whole; what is left of the attempt is in nobody's way.
TEST_F(RestoreTest, WhatWasReportedIsThere) {
    SCOPED_TRACE(random.seed_text());
    const RecordedVictim victim{.folder = folder.path(),
                                .workload_seed = random.seed(),
                                .plan_seed = random.seed(),
                                .what = "restore=0"};
    const Recording recording = victim.record(make_backup());
    ASSERT_THAT(recording.said, testing::SizeIs(1)) << "restored";
    const Moment reported = recording.said.front().moment;

    Disk disk{recording};
    workload::Dice dice{random.seed()};
    const Phases phases{.open = recording.end, .closing = recording.end, .end = recording.end};
    std::uint64_t anew = 0;
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

}  // namespace
}  // namespace amphora::power
