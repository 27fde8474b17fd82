// Random transactions over both stores, compared with plain maps that know nothing of the
// implementation.

#include "support/random.hpp"
#include "support/scratch_directory.hpp"
#include "workload/comparison.hpp"
#include "workload/feed_copy.hpp"
#include "workload/mirror.hpp"
#include "workload/operations.hpp"
#include "workload/schema.hpp"
#include "workload/small_options.hpp"
#include "workload/workload.hpp"

#include <amphora/amphora.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

namespace amphora::workload {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::uint32_t threads = 3;

/// A snapshot, and what it must show for as long as it is held.
struct Held {
    Snapshot snapshot;
    std::vector<Model> models;
};

/// One database and its model, from the first opening to the last.
class World {
  public:
    World(std::uint64_t seed, Durability durability)
        : dice_{seed, 1}, workload_{seed}, durability_{durability} {
        for (std::uint32_t thread = 0; thread < threads; ++thread) models_.emplace_back(thread);
        reopen();
    }

    void step() {
        switch (dice_.below(40)) {
            case 0:
                hold();
                break;
            case 1:
                if (!held_.empty()) look_back();
                break;
            case 2:
                same(compare(db_->snapshot(), models_));
                break;
            case 3:
                if (dice_.once_in(2)) db_->wait(last_);
                break;
            case 5:
                same(copy_.catch_up(*db_));
                break;
            case 4:
                if (dice_.once_in(8)) reopen();
                break;
            case 6:
                if (dice_.once_in(8)) back_up();
                break;
            case 7:
                if (backed_up_ && dice_.once_in(8)) restore();
                break;
            default:
                last_ = workload_.commit_next(*db_, models_[dice_.below(threads)], durability_);
        }
    }

    void reopen() {
        close();
        open();
    }

    [[nodiscard]] std::uint64_t transactions() const {
        std::uint64_t done = 0;
        for (const Model& model : models_) done += model.done;
        return done;
    }
    [[nodiscard]] int restores() const { return restores_; }

  private:
    void close() {
        while (!held_.empty()) look_back();
        if (db_ && dice_.once_in(2)) same(copy_.catch_up(*db_));
        copy_.close();
        if (db_ && dice_.once_in(2)) db_->close();
        db_.reset();
    }
    void open() {
        db_ = Database::open(directory_ / "database", schema, small_options(dice_));
        same(compare(db_->snapshot(), models_));
        same(Mirror{*db_, dice_()}.catch_up());
        copy_.open(*db_);
        same(copy_.catch_up(*db_));
        const CheckReport report = db_->check();
        EXPECT_THAT(report.findings, testing::IsEmpty());
    }
    void back_up() {
        std::filesystem::remove_all(directory_ / "backup");
        db_->backup(directory_ / "backup");
        backed_up_ = models_;
    }
    /// What came after the backup has not happened. The feed's copy may have seen it.
    void restore() {
        close();
        std::filesystem::remove_all(directory_ / "database");
        RestoreOptions options;
        options.options = small_options(dice_);
        Database::restore(directory_ / "backup", directory_ / "database", options);
        models_ = *backed_up_;
        ++restores_;
        open();
        last_ = db_->snapshot().commit_seen();
    }
    static void same(const std::vector<std::string>& differences) {
        EXPECT_THAT(differences, testing::IsEmpty());
    }
    void hold() {
        if (held_.size() >= 6) look_back();
        held_.push_back({db_->snapshot(), models_});
    }
    void look_back() {
        const auto chosen = held_.begin() + static_cast<std::ptrdiff_t>(dice_.below(held_.size()));
        same(compare(chosen->snapshot, chosen->models));
        if (dice_.once_in(2)) held_.erase(chosen);
    }

    support::ScratchDirectory directory_{support::Scratch::disk, "model"};
    Dice dice_;
    Workload workload_;
    Durability durability_;
    std::vector<Model> models_;
    std::optional<std::vector<Model>> backed_up_;  ///< what the backup has
    int restores_ = 0;
    std::optional<Database> db_;
    FeedCopy copy_;  // of which an older place is known after each opening
    std::vector<Held> held_;
    Commit last_{};
};

class ModelTest : public testing::TestWithParam<Durability> {};

/// Three people take turns at rows and documents: they commit, roll back, return to savepoints and
/// are refused, hold snapshots over many commits of the others, and close and reopen with other
/// options. Now and then the database is replaced by a backup of an earlier moment. At any moment
/// both stores have, through every index and in both directions, what plain maps have, and so have a
/// copy that is made of the change feed alone, and copies that consumers keep.
TEST_P(ModelTest, TheDatabaseIsWhatTheMapsSay) {
    support::Random random{20'260'131 + static_cast<std::uint64_t>(GetParam())};
    SCOPED_TRACE(random.seed_text());
    const auto until = steady_clock::now() + 2500ms * support::test_scale();
    std::uint64_t transactions = 0;
    int restores = 0;
    do {
        World world{random(), GetParam()};
        for (int steps = 0; steps < 1500 && !HasFailure(); ++steps) {
            if (steady_clock::now() > until) break;
            world.step();
        }
        if (!HasFailure()) world.reopen();
        transactions += world.transactions();
        restores += world.restores();
    } while (steady_clock::now() < until && !HasFailure());
    RecordProperty("transactions", static_cast<int>(transactions));
    RecordProperty("restores", restores);
    EXPECT_GT(transactions, 20u);
}

INSTANTIATE_TEST_SUITE_P(Durabilities, ModelTest,
                         testing::Values(Durability::synced, Durability::written,
                                         Durability::buffered),
                         [](const auto& each) {
                             switch (each.param) {
                                 case Durability::synced:
                                     return "synced";
                                 case Durability::written:
                                     return "written";
                                 case Durability::buffered:
                                     break;
                             }
                             return "buffered";
                         });

/// A comparison that never finds anything would prove nothing: everything that is removed, changed
/// or added without the model is named, in both stores.
TEST(ComparisonTest, NamesEveryDifference) {
    Database db = Database::temporary(schema);
    const Workload workload{7};
    Model model{0};
    while (model.owners.empty() || model.items.empty() || model.notes.empty() ||
           model.pictures.empty() || model.done < 200) {
        workload.commit_next(db, model, Durability::buffered);
    }
    const std::vector<Model> models{model};
    ASSERT_THAT(compare(db.snapshot(), models), testing::IsEmpty());

    const auto after = [&](auto&& change) {
        Transaction transaction = db.begin();
        change(transaction);
        return compare(transaction, models);
    };
    EXPECT_THAT(after([&](Transaction& tx) {
                    tx.update(owners, {model.owners.begin()->first}, Record{{"balance", 12345}});
                }),
                testing::Not(testing::IsEmpty()));
    EXPECT_THAT(after([&](Transaction& tx) { tx.erase(items, {model.items.begin()->first}); }),
                testing::Not(testing::IsEmpty()));
    EXPECT_THAT(after([&](Transaction& tx) { tx.erase(notes, Id{model.notes.begin()->first}); }),
                testing::Not(testing::IsEmpty()));
    EXPECT_THAT(after([&](Transaction& tx) {
                    tx.update(pictures, Id{model.pictures.begin()->first},
                              {{"$set", Document{{"seed", std::int64_t{1}}}}});
                }),
                testing::Not(testing::IsEmpty()));
    EXPECT_THAT(after([&](Transaction& tx) {
                    tx.insert(owners, Record{{"owner_id", 1}, {"name", "of nobody"}});
                }),
                testing::Not(testing::IsEmpty()));
    EXPECT_THAT(after([&](Transaction&) {}), testing::IsEmpty());
}

/// The harnesses that kill and cut use only the model: folded without a database it must be the
/// same as with one. And every operation of the list is used.
TEST(WorkloadTest, FoldsToTheSameWithoutADatabase) {
    Database db = Database::temporary(schema);
    const Workload workload{11};
    Model with{2};
    while (with.done < 300) workload.commit_next(db, with, Durability::buffered);
    Model without{2};
    workload.fold(without, 300);
    const std::vector<Model> models{without};
    EXPECT_THAT(compare(db.snapshot(), models), testing::IsEmpty());

    Dice dice{3};
    std::map<std::string_view, int> chosen;
    for (int turn = 0; turn < 10'000; ++turn) ++chosen[choose_operation(dice).name];
    EXPECT_EQ(chosen.size(), operations().size());
}

}  // namespace
}  // namespace amphora::workload
