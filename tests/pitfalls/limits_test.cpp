// Things that run out: the map, the age limit of a reader, file descriptors. Each is refused by
// name before anything is promised, and work continues by itself when there is room again.

#include "base/clock.hpp"
#include "pitfalls/world.hpp"
#include "support/descriptors_of_sanitizers.hpp"

#include <dirent.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>

namespace amphora::pitfalls {
namespace {

using ::testing::AnyOf;
using ::testing::StartsWith;

void add_wide_customer(Transaction& tx, std::size_t number) {
    const std::string name = std::to_string(number);
    tx.insert(customers, Record{{"name", name}, {"email", name + std::string(80, '@')}});
}

/// A map is fixed at opening, and a full one takes no removals either, because a commit copies
/// pages. So rows are refused at the statement while there is room for removing some; documents,
/// which are in another file, are not. A larger map at the next opening continues where the small
/// one ended.
TEST(FullMap, RefusesRowsAtTheStatementAndTakesRemovals) {
    const Directory directory;
    Options options = small_options();
    options.map_bytes = 48 << 20;
    options.durability = Durability::written;
    std::size_t rows = 0;
    {
        Database db = Database::open(directory.database(), schema, options);
        const std::int64_t first = sign_up(db, "first");
        ++rows;
        const auto fill = [&] {
            std::string error;
            while (error.empty() && rows < 100'000) {
                error = error_of([&] {
                    db.write([&](Transaction& tx) {
                        for (int i = 0; i < 100; ++i) add_wide_customer(tx, rows + i);
                    });
                    rows += 100;
                });
            }
            return error;
        };
        // Commits that are not delivered yet need room, which they give back once they are; and on
        // a busy machine there may be too many of them, which is another reason and passes.
        std::string refused;
        std::size_t before = 0;
        do {
            before = rows;
            refused = fill();
            db.wait(db.snapshot().commit_seen());
        } while (before != rows || refused.starts_with("outbox_full"));
        EXPECT_THAT(refused, StartsWith("disk_full"));
        EXPECT_GT(rows, 5000u) << "a good part of the map was used";
        EXPECT_EQ(customers_in(db), rows);
        db.write([&](Transaction& tx) { tx.insert(visits, {{"customer_id", first}}); });

        const Commit removed = db.write([&](Transaction& tx) {
            for (std::int64_t i = first + 1; i < first + 500; ++i) {
                EXPECT_TRUE(tx.erase(customers, {i}));
            }
        });
        rows -= 499;
        EXPECT_TRUE(db.wait(removed, Delivery::relational, std::chrono::seconds{20}));
        EXPECT_EQ(customers_in(db), rows);
        EXPECT_THAT(db.check().findings, ::testing::IsEmpty());
    }
    options.map_bytes = 64 << 20;
    Database db = Database::open(directory.database(), schema, options);
    EXPECT_EQ(customers_in(db), rows);
    sign_up_many(db, "later", 200);
    EXPECT_EQ(customers_in(db), rows + 200);
    EXPECT_THAT(db.check().findings, ::testing::IsEmpty());
}

/// A map that is smaller than what the file holds already loses nothing.
TEST(FullMap, ASmallerMapAtTheNextOpeningHidesNothing) {
    const Directory directory;
    Options options = small_options();
    options.map_bytes = 64 << 20;
    {
        Database db = Database::open(directory.database(), schema, options);
        sign_up_many(db, "guest", 300);
    }
    options.map_bytes = 64 << 10;
    Database db = Database::open(directory.database(), schema, options);
    expect_whole(db, 300);
    EXPECT_EQ(code_of([&] { sign_up(db, "one more"); }), ErrorCode::disk_full);
}

class SteadyClock final : public Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const noexcept override {
        return operating_system_clock().now_us();
    }
    [[nodiscard]] std::int64_t steady_ms() const noexcept override {
        return operating_system_clock().steady_ms() + later_ms.load();
    }
    std::atomic<std::int64_t> later_ms{0};
};

/// A reader that stays too long gets an error at its next call, and never loses what it holds: a
/// row that it reads stays in place until it releases it, and only then the pages are used again.
TEST(LongReader, IsToldAtItsNextCall) {
    SteadyClock clock;
    const ClockInUse in_use{clock};
    const Directory directory;
    Options options = small_options();
    options.snapshot_age_ms_max = 1000;
    Database db = Database::open(directory.database(), schema, options);
    const std::int64_t kim = sign_up(db, "kim");
    const std::int64_t lee = sign_up(db, "lee");
    db.wait(db.snapshot().commit_seen());

    std::optional<Snapshot> snapshot = db.snapshot();
    std::optional<Rows> rows = snapshot->scan(customers);
    std::optional<Documents> documents = snapshot->scan(visits);
    auto row = rows->begin();
    auto document = documents->begin();
    clock.later_ms = 5000;
    sign_up_many(db, "later", 100);
    db.write([&](Transaction& tx) { tx.erase(customers, {kim}); });

    const Statistics statistics = db.statistics();
    EXPECT_GE(statistics.snapshot_oldest_ms, 5000u);
    EXPECT_GE(statistics.trees[0].oldest_reader_ms, 5000u);
    EXPECT_EQ(code_of([&] { static_cast<void>(snapshot->find(customers, {lee})); }),
              ErrorCode::snapshot_expired);
    EXPECT_EQ(code_of([&] { static_cast<void>(snapshot->scan(visits)); }),
              ErrorCode::snapshot_expired);
    EXPECT_EQ((*row)["name"].text(), "kim");
    EXPECT_EQ((*document).field("customer_id").value().as_int64(), kim);
    EXPECT_EQ(code_of([&] { ++row; }), ErrorCode::snapshot_expired);
    EXPECT_EQ(code_of([&] { ++document; }), ErrorCode::snapshot_expired);

    rows.reset();
    documents.reset();
    snapshot.reset();
    EXPECT_EQ(db.statistics().snapshots, 0u);
    EXPECT_EQ(count(db.snapshot().scan(customers)), 101u) << "a new one is cheap, and fresh";
}

int descriptors_open() {
    int open = 0;
    DIR* const listing = ::opendir("/proc/self/fd");
    while (::readdir(listing) != nullptr) ++open;
    ::closedir(listing);
    return open - 3;  // ".", ".." and the listing itself
}

/// A limit on descriptors, as long as it lives. One that is `spare` above what is open now.
class FewDescriptors {
  public:
    explicit FewDescriptors(int spare) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit few = before_;
        few.rlim_cur = static_cast<rlim_t>(descriptors_open()) + static_cast<rlim_t>(spare);
        ::setrlimit(RLIMIT_NOFILE, &few);
    }
    ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    FewDescriptors(const FewDescriptors&) = delete;
    FewDescriptors& operator=(const FewDescriptors&) = delete;

  private:
    rlimit before_{};
};

/// Opening with too few descriptors, at whichever step they end, is named, leaves nothing open, and
/// harms nothing.
TEST(FewDescriptors, OpeningNamesWhatIsShort) {
    AMPHORA_SKIP_WHERE_CHECKS_NEED_DESCRIPTORS();
    const Directory directory;
    {
        Database db = Database::open(directory.database(), schema, small_options());
        sign_up_many(db, "guest", 50);
    }
    const int before = descriptors_open();
    int refused = 0;
    for (int spare = 0; spare < 40; ++spare) {
        std::string error;
        {
            const FewDescriptors few{spare};
            error = error_of_opening(directory.database(), small_options());
        }
        if (error.empty()) break;
        ++refused;
        EXPECT_THAT(error, StartsWith("io_error")) << spare;
        EXPECT_THAT(error, ::testing::HasSubstr("oo many open files")) << spare;
        EXPECT_EQ(descriptors_open(), before) << spare << " leaves descriptors open: " << error;
    }
    EXPECT_GT(refused, 5);
    EXPECT_LT(refused, 40);
    expect_whole(Database::open(directory.database(), schema), 50);
}

/// Descriptors run out while the database works. Acknowledged commits are stored; a refused caller
/// is told why; and with descriptors again work continues, if necessary after reopening.
TEST(FewDescriptors, WorkingContinuesWhenThereAreSomeAgain) {
    AMPHORA_SKIP_WHERE_CHECKS_NEED_DESCRIPTORS();
    const Directory directory;
    std::size_t acknowledged = 0;
    const auto work = [&](Database& db, int times) {
        std::string error;
        for (int i = 0; i < times && error.empty(); ++i) {
            error = error_of([&] {
                sign_up(db, "guest" + std::to_string(acknowledged), 2000);
                ++acknowledged;
            });
        }
        return error;
    };
    {
        Database db = Database::open(directory.database(), schema, small_options());
        EXPECT_EQ(work(db, 50), "");
        {
            const FewDescriptors few{0};
            EXPECT_THAT(work(db, 2000), AnyOf(StartsWith("io_error"), StartsWith("outbox_full"),
                                              StartsWith("documents_stalled")));
        }
        EXPECT_EQ(customers_in(db), acknowledged);
        EXPECT_EQ(visits_in(db), acknowledged);
    }
    Database db = Database::open(directory.database(), schema, small_options());
    expect_whole(db, acknowledged);
    EXPECT_EQ(work(db, 100), "");
    expect_whole(db, acknowledged);
}

}  // namespace
}  // namespace amphora::pitfalls
