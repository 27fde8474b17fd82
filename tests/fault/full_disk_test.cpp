// The whole database on a real file system that fills up, with writers at work.

#include "support/comes_true.hpp"
#include "support/cut_disk.hpp"
#include "support/random.hpp"
#include "tree/scratch.hpp"
#include "workload/comparison.hpp"
#include "workload/dice.hpp"
#include "workload/mirror.hpp"
#include "workload/reading.hpp"
#include "workload/schema.hpp"
#include "workload/workload.hpp"

#include <amphora/amphora.hpp>

#include <sys/statvfs.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace amphora::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::uint32_t writers = 2;

/// Data that fills a disk: a row, and documents in the other store that refer to it.
void insert_bulk(Transaction& transaction, std::int64_t number) {
    transaction.insert(workload::owners,
                       Record{{"owner_id", number}, {"name", "bulk"}, {"balance", number}});
    transaction.insert(workload::notes,
                       {{"_id", number},
                        {"owner_id", number},
                        {"count", std::int64_t{0}},
                        {"slug", "bulk-" + std::to_string(number)},
                        {"body", workload::filler(static_cast<std::uint64_t>(number), 40'000)}});
}

/// Writers: two with the workload, each with its model, and one that only adds, up to `bulk_max`. A
/// full disk is noted and tried again, as by an application that waits for room; any other error
/// ends the work.
class Crew {
  public:
    Crew(Database& database, const workload::Workload& workload,
         std::vector<workload::Model>& models, std::int64_t& bulk, std::int64_t bulk_max) {
        for (workload::Model& model : models) {
            threads_.emplace_back([&, this] {
                repeat([&] { workload.commit_next(database, model, Durability::synced); },
                       done_[model.thread]);
            });
        }
        threads_.emplace_back([&, bulk_max, this] {
            repeat(
                [&] {
                    if (bulk == bulk_max) return std::this_thread::sleep_for(milliseconds{2});
                    database.write(
                        [&](Transaction& transaction) { insert_bulk(transaction, bulk + 1); });
                    ++bulk;
                },
                done_[writers]);
        });
    }
    ~Crew() { stop(); }
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    void stop() {
        stops_ = true;
        threads_.clear();
    }
    [[nodiscard]] std::uint64_t refused() const { return refused_; }
    [[nodiscard]] std::uint64_t done_by(std::uint32_t writer) const { return done_[writer]; }
    /// What ended the work of a writer, if anything did.
    [[nodiscard]] std::optional<Error> failure() const {
        const std::lock_guard lock{mutex_};
        return failure_;
    }

  private:
    static bool heals(ErrorCode code) {
        return code == ErrorCode::disk_full || code == ErrorCode::documents_stalled ||
               code == ErrorCode::outbox_full;
    }
    template <class Body>
    void repeat(Body&& body, std::atomic<std::uint64_t>& done) {
        while (!stops_) {
            try {
                body();
                ++done;
            } catch (const Error& error) {
                if (!heals(error.code())) {
                    const std::lock_guard lock{mutex_};
                    failure_ = error;
                    return;
                }
                if (error.code() == ErrorCode::disk_full) ++refused_;
                std::this_thread::sleep_for(milliseconds{2});
            }
        }
    }

    std::atomic<bool> stops_{false};
    std::atomic<std::uint64_t> refused_{0};
    std::array<std::atomic<std::uint64_t>, writers + 1> done_{};
    mutable std::mutex mutex_;
    std::optional<Error> failure_;
    std::vector<std::jthread> threads_;
};

enum class Disk : std::uint8_t { tmpfs, ext4 };

class DatabaseOnFullDisk : public ::testing::TestWithParam<Disk> {
  protected:
    void SetUp() override {
        if (GetParam() == Disk::ext4) {
            ext4_.emplace(folder_.path());
            if (!ext4_->usable()) GTEST_SKIP() << support::CutDisk::why_unusable;
        } else {
            tmpfs_.emplace("64m");
            if (!tmpfs_->mounted()) GTEST_SKIP() << "mounting a small tmpfs needs root";
        }
        open();
    }
    void TearDown() override { database_.reset(); }

    [[nodiscard]] std::string place() const { return ext4_ ? ext4_->place() : tmpfs_->path(); }
    [[nodiscard]] std::string ballast() const { return place() + "/ballast"; }

    void open() {
        Options options;
        options.profile = Profile::edge;
        options.segment_bytes = 256u << 10;
        options.commit_bytes_max = 192u << 10;
        options.journal_bytes_max = 4u << 20;
        options.seal_age_ms = 20;
        options.reserve_bytes = 2u << 20;
        database_ = Database::open(place() + "/database", workload::schema, options);
        models_.clear();
        const Snapshot now = database_->snapshot();
        for (std::uint32_t each = 0; each < writers; ++each) {
            workload_.fold(models_.emplace_back(each), workload::position(now, each));
        }
    }
    [[nodiscard]] std::uint64_t free_bytes() const {
        struct statvfs space {};
        ::statvfs(place().c_str(), &space);
        return std::uint64_t{space.f_bavail} * space.f_frsize;
    }
    /// A file of another program.
    void leave_room_for(std::uint64_t bytes) const {
        std::ofstream file(ballast(), std::ios::binary | std::ios::app);
        const std::string block(4096, 'x');
        while (free_bytes() > bytes &&
               file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void make_room() const { std::filesystem::remove(ballast()); }
    void expect_all_there() {
        const Snapshot now = database_->snapshot();
        for (const workload::Model& model : models_) {
            EXPECT_THAT(workload::compare(now, model), testing::IsEmpty());
        }
        for (std::int64_t each = bulk_gone_ + 1; each <= bulk_; ++each) {
            ASSERT_TRUE(now.find(workload::owners, {each})) << each;
            ASSERT_TRUE(now.find(workload::notes, Id{each})) << each;
        }
        for (std::int64_t each = 1; each <= bulk_gone_; ++each) {
            ASSERT_FALSE(now.find(workload::owners, {each}) || now.find(workload::notes, Id{each}))
                << each;
        }
    }

    tree::testing::ScratchDirectory folder_;
    std::optional<tree::testing::SmallDisk> tmpfs_;
    std::optional<support::CutDisk> ext4_;
    const support::Random random_{20'260'131};
    const workload::Workload workload_{random_.seed()};
    std::optional<Database> database_;
    std::vector<workload::Model> models_;
    std::int64_t bulk_ = 0;       ///< so many were added and acknowledged ...
    std::int64_t bulk_gone_ = 0;  ///< ... of which the first were deleted
};
INSTANTIATE_TEST_SUITE_P(OnBoth, DatabaseOnFullDisk, ::testing::Values(Disk::tmpfs, Disk::ext4),
                         [](const auto& disk) {
                             return disk.param == Disk::tmpfs ? "Tmpfs" : "Ext4";
                         });

/// Writers fill the disk. They are refused by name; reading and removing continue, and removals are
/// delivered. When there is room again all writers continue by themselves, and no acknowledged
/// commit is missing, then or after reopening. Consumers wait for room, too, and have handled every
/// change once.
TEST_P(DatabaseOnFullDisk, RefusesByNameLetsDeleteAndHealsByItself) {
    std::optional<workload::Mirror> mirror;
    mirror.emplace(*database_, random_.seed());
    leave_room_for(40u << 20);
    Crew crew{*database_, workload_, models_, bulk_, INT64_MAX};
    ASSERT_TRUE(support::comes_true([&] { return crew.refused() > 20 || crew.failure(); }));
    ASSERT_FALSE(crew.failure()) << crew.failure()->what();

    Commit last{};
    while (bulk_gone_ < 20) {
        // A running compaction may use the reserve for as long as it takes.
        const bool erased = support::comes_true([&] {
            try {
                last = database_->write([&](Transaction& transaction) {
                    EXPECT_TRUE(transaction.erase(workload::owners, {bulk_gone_ + 1}));
                });
                return true;
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::disk_full) << error.what();
                return false;
            }
        });
        ASSERT_TRUE(erased) << "nothing can be deleted";
        ++bulk_gone_;
    }
    EXPECT_TRUE(database_->wait(last, Delivery::both, seconds{30})) << "deletes are not delivered";

    std::array<std::uint64_t, writers + 1> before{};
    for (std::uint32_t each = 0; each <= writers; ++each) before[each] = crew.done_by(each);
    make_room();
    for (std::uint32_t each = 0; each <= writers; ++each) {
        EXPECT_TRUE(support::comes_true([&] { return crew.done_by(each) >= before[each] + 20; }))
            << "writer " << each << " does not continue";
    }
    crew.stop();
    ASSERT_FALSE(crew.failure()) << crew.failure()->what();
    expect_all_there();
    EXPECT_THAT(mirror->catch_up(), testing::IsEmpty());
    mirror.reset();
    database_.reset();
    const std::vector<workload::Model> known = models_;
    open();
    models_ = known;
    expect_all_there();
    EXPECT_THAT(database_->check().findings, testing::IsEmpty());
}

/// Others fill the disk to its last byte and empty it again, at any moment of a delivery. Every
/// refusal has a name, no acknowledged commit is lost, and in the end the work continues, by itself
/// or, where the error says so, after reopening.
TEST_P(DatabaseOnFullDisk, OutlivesADiskThatOthersFillAndEmpty) {
    const auto until = steady_clock::now() + milliseconds{1500} * support::test_scale();
    const std::set<ErrorCode> names{ErrorCode::io_error, ErrorCode::outcome_unknown,
                                    ErrorCode::needs_reopen, ErrorCode::outbox_full,
                                    ErrorCode::documents_stalled};
    while (steady_clock::now() < until && !HasFailure()) {
        // So few that the database does not fill the disk for good.
        Crew crew{*database_, workload_, models_, bulk_, 250};
        while (steady_clock::now() < until && !crew.failure()) {
            leave_room_for(0);
            make_room();
        }
        crew.stop();
        if (const auto failure = crew.failure()) {
            EXPECT_TRUE(names.contains(failure->code())) << failure->what();
        }
        const std::vector<workload::Model> known = models_;
        database_.reset();
        open();
        const Snapshot now = database_->snapshot();
        if (now.find(workload::owners, {bulk_ + 1})) ++bulk_;  // was on its way
        for (std::uint32_t each = 0; each < writers; ++each) {
            EXPECT_GE(models_[each].done, known[each].done) << "lost";
            EXPECT_LE(models_[each].done, known[each].done + 1) << "doubled";
        }
        expect_all_there();
    }
    for (workload::Model& model : models_) {
        for (int times = 0; times < 20; ++times) {
            workload_.commit_next(*database_, model, Durability::synced);
        }
    }
    EXPECT_TRUE(database_->wait(database_->snapshot().commit_seen(), Delivery::both, seconds{30}));
    expect_all_there();
    EXPECT_THAT(database_->check().findings, testing::IsEmpty());
}

}  // namespace
}  // namespace amphora::fault
