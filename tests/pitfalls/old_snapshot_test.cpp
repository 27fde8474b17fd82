// A snapshot of an earlier state stays as quick as it was, however much is delivered after it.

#include "pitfalls/world.hpp"

#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

#include <chrono>
#include <thread>

namespace amphora::pitfalls {
namespace {

/// How many entries RocksDB steps over in `read` because they are newer than the snapshot or
/// removed.
template <class Read>
std::uint64_t skipped_in(Read&& read) {
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
    rocksdb::PerfContext* const counts = rocksdb::get_perf_context();
    counts->Reset();
    read();
    const std::uint64_t skipped = counts->internal_recent_skipped_count +
                                  counts->internal_key_skipped_count +
                                  counts->internal_delete_skipped_count;
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    return skipped;
}

class OldSnapshot : public ::testing::Test {
  protected:
    static constexpr int regulars = 20;
    static constexpr int visits_of_a_regular = 10;
    static constexpr int newer = 4000;

    OldSnapshot() {
        Options options;
        options.profile = Profile::edge;
        options.seal_age_ms = 1;
        db_ = std::make_unique<Database>(Database::open(directory_.database(), schema, options));
        for (int i = 0; i < 2 * regulars; ++i) visit("guest" + std::to_string(i), i % 2 == 0);
        await_delivery();
    }
    /// One customer; a regular comes often.
    void visit(const std::string& name, bool is_regular) {
        db_->write([&](Transaction& tx) {
            const std::int64_t customer = add_customer(tx, name);
            if (!is_regular) return;
            if (first_ == 0) first_ = customer;
            last_ = customer;
            for (int i = 0; i < visits_of_a_regular; ++i) {
                tx.insert(visits, {{"customer_id", customer}});
            }
        });
    }
    /// Visits of everybody, of the guests who had none before and of new ones, all delivered.
    void add_newer() {
        for (int commit = 0; commit < 20; ++commit) {
            db_->write([&](Transaction& tx) {
                const std::int64_t customer = add_customer(tx, "late" + std::to_string(commit));
                for (int i = 0; i < newer / 40; ++i) {
                    tx.insert(visits, {{"customer_id", customer}});
                    tx.insert(visits,
                              {{"customer_id", first_ + 1 + 2 * (commit % (regulars - 1))}});
                }
            });
        }
        await_delivery();
    }
    void await_delivery() const {
        for (;;) {
            const Statistics now = db_->statistics();
            if (std::ranges::all_of(
                    now.trees, [](const TreeReport& tree) { return tree.pending_bytes == 0; })) {
                return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    }

    Directory directory_;
    std::unique_ptr<Database> db_;
    std::int64_t first_ = 0;  ///< customers; every second one from here to `last_` is a regular
    std::int64_t last_ = 0;
};

/// A find by an index took 14 us, and 37.6 ms once 200,000 documents had come after the snapshot:
/// after the last entry of its range RocksDB stepped over each newer one, looking for an entry
/// that the snapshot shows. It now knows where the range ends, in both directions, and between the
/// ranges of an `$in`.
TEST_F(OldSnapshot, FindsWithoutSteppingOverWhatIsNewer) {
    const Snapshot old = db_->snapshot();
    add_newer();
    const auto expect_few = [&](const Document& filter, std::size_t expected, const char* how) {
        for (const Direction direction : {Direction::forward, Direction::backward}) {
            std::size_t found = 0;
            const std::uint64_t skipped = skipped_in(
                [&] { found = count(old.find(visits, filter, {.direction = direction})); });
            EXPECT_EQ(found, expected) << how;
            // RocksDB counts each entry that it passes as skipped. Without bounds it passes all of
            // the newer ones.
            EXPECT_LE(skipped, expected + 5)
                << how << (direction == Direction::forward ? "" : ", backward");
        }
    };
    expect_few({{"customer_id", last_}}, visits_of_a_regular, "the last regular");
    expect_few({{"customer_id", first_}}, visits_of_a_regular, "the first regular");
    expect_few({{"customer_id", last_ + 1}}, 0, "who had no visit before");
    expect_few({{"customer_id", Document{{"$in", Array{first_, last_}}}}}, 2 * visits_of_a_regular,
               "the first and the last regular");
}

}  // namespace
}  // namespace amphora::pitfalls
