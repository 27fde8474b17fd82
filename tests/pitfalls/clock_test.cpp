// The wall clock jumps, in both directions, and no age or timeout depends on it.

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/identity_file.hpp"
#include "journal/journal.hpp"
#include "pitfalls/world.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

namespace amphora::pitfalls {
namespace {

constexpr std::int64_t year_us = 365LL * 86'400 * 1'000'000;

/// The system's clock, moved by the test.
class MovedClock final : public Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const noexcept override {
        return operating_system_clock().now_us() + wall_us.load();
    }
    [[nodiscard]] std::int64_t steady_ms() const noexcept override {
        return operating_system_clock().steady_ms() + steady_by_ms.load();
    }
    std::atomic<std::int64_t> wall_us{0};
    std::atomic<std::int64_t> steady_by_ms{0};
};

class Clocks : public ::testing::Test {
  protected:
    MovedClock clock;
    ClockInUse in_use{clock};
    Directory directory;
};

/// Every commit's time and epoch as the journal holds them.
struct Moment {
    Epoch epoch{};
    std::int64_t time_us = 0;
};
std::vector<Moment> commit_times(const std::string& path) {
    FileSystem& files = operating_system_files();
    const Identity identity = read_identity(files, path).value().identity;
    const auto journal = journal::Journal::open(files, path + "/journal", identity, {},
                                                journal::Journal::Mode::read_only, {});
    std::vector<Moment> times;
    const Sequence oldest = journal->recovery().oldest;
    journal->replay(Sequence{number(oldest) - 1}, [&](const journal::Entry& entry) {
        times.push_back({.epoch = entry.epoch, .time_us = entry.time_us});
    });
    return times;
}

/// For every jump of the wall clock commits continue, are delivered, and are read again after
/// reopening. The commit times, by which a point in time is found, never decrease while the
/// database is open, and each opening begins with the clock again.
TEST_F(Clocks, TheWallClockMayJump) {
    int guest = 0;
    for (const std::int64_t years : {0, 10, -10, 1, -30}) {
        clock.wall_us = years * year_us;
        Database db = Database::open(directory.database(), schema);
        Commit last{};
        for (int i = 0; i < 5; ++i) {
            clock.wall_us = years * year_us - i * year_us;  // and while it is open
            sign_up(db, "guest" + std::to_string(guest++));
        }
        last = db.snapshot().commit_seen();
        EXPECT_TRUE(db.wait(last, Delivery::both, std::chrono::seconds{20}))
            << "in the year " << years;
        expect_whole(db, static_cast<std::size_t>(guest));
        db.close();

        const std::vector<Moment> times = commit_times(directory.database());
        ASSERT_GE(times.size(), 5u);
        EXPECT_TRUE(std::ranges::is_sorted(times, [](const Moment& left, const Moment& right) {
            return left.epoch == right.epoch && left.time_us < right.time_us;
        }));
        constexpr std::int64_t day_us = year_us / 365;
        EXPECT_NEAR(static_cast<double>(times.back().time_us - operating_system_clock().now_us()),
                    static_cast<double>(years * year_us), static_cast<double>(day_us))
            << "the opening does not begin with the clock";
    }
}

/// NOW() is what the wall clock says, and the same throughout a transaction.
TEST_F(Clocks, NowIsOneMomentInATransaction) {
    Database db = Database::open(directory.database(), schema);
    clock.wall_us = -5 * year_us;
    db.write([&](Transaction& tx) {
        const std::int64_t kim = add_customer(tx, "kim");
        tx.insert(visits, {{"customer_id", kim}});
        clock.wall_us = 5 * year_us;
        tx.insert(visits, {{"customer_id", kim}});
    });
    std::vector<std::int64_t> moments;
    for (const DocumentView visit : db.snapshot().scan(visits)) {
        moments.push_back(visit.field("at").value().as_date_ms().value());
    }
    ASSERT_EQ(moments.size(), 2u);
    EXPECT_EQ(moments[0], moments[1]);
}

/// Ages are measured by the steady clock.
TEST_F(Clocks, AgesDoNotGoByTheWallClock) {
    Options options;
    options.snapshot_age_ms_max = 60'000;
    Database db = Database::open(directory.database(), schema, options);
    sign_up(db, "kim");
    const Snapshot snapshot = db.snapshot();
    for (const std::int64_t years : {10, -10}) {
        clock.wall_us = years * year_us;
        EXPECT_EQ(count(snapshot.scan(customers)), 1u);
        EXPECT_LT(db.statistics().snapshot_oldest_ms, 60'000u);
    }
    clock.steady_by_ms = 61'000;
    EXPECT_EQ(code_of([&] { static_cast<void>(snapshot.scan(customers)); }),
              ErrorCode::snapshot_expired);
}

}  // namespace
}  // namespace amphora::pitfalls
