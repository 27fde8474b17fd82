// A damaged block of documents is an error for everyone who needs it, never a shorter answer.

#include "pitfalls/world.hpp"
#include "support/small_tables.hpp"

#include <random>

namespace amphora::pitfalls {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

class DamagedDocuments : public ::testing::Test {
  protected:
    static constexpr std::size_t visits_count = 400;
    /// Where each table file begins with its first block of entries.
    static constexpr std::size_t first_block = 100;

    DamagedDocuments() {
        std::mt19937_64 random{20'260'131};
        Database db = Database::open(path(), schema, small_options());
        for (std::size_t i = 0; i < visits_count; i += 100) {
            db.write([&](Transaction& tx) {
                const std::int64_t customer = add_customer(tx, "guest" + std::to_string(i));
                for (int visit = 0; visit < 100; ++visit) {
                    std::string notes(400, ' ');
                    for (char& letter : notes) letter = static_cast<char>('!' + random() % 90);
                    tx.insert(visits, {{"customer_id", customer}, {"notes", notes}});
                }
            });
        }
        db.close();
        support::split_into_small_tables(path());
    }
    [[nodiscard]] std::string path() const { return directory_.database(); }

    /// Calls `act(db)`, which throws or answers with how many documents it saw, for a damage to the
    /// first block of each table file in turn. Returns how often it threw.
    template <class Act>
    int refusals_of(Act&& act) {
        int refusals = 0;
        for (const std::string& table : support::table_files(path())) {
            const support::FlippedBit damage{table, first_block};
            Options options;
            options.profile = Profile::edge;
            options.mode = OpenMode::must_exist;
            std::size_t seen = 0;
            const std::string error = error_of([&] {
                Database db = Database::open(path(), options);
                seen = act(db);
            });
            if (error.empty()) {
                EXPECT_EQ(seen, visits_count) << table;
            } else {
                EXPECT_THAT(error, StartsWith("corrupt: ")) << table;
                ++refusals;
            }
        }
        return refusals;
    }

    Directory directory_;
};

/// One flipped bit made a scan of 82 documents one of 37, without an error.
TEST_F(DamagedDocuments, AreNeverAShorterAnswer) {
    EXPECT_GT(support::table_files(path()).size(), 5u);
    EXPECT_GT(refusals_of([](Database& db) { return count(db.snapshot().scan(visits)); }), 3);
    EXPECT_GT(refusals_of([](Database& db) {
                  return count(db.snapshot().scan(visits, {.direction = Direction::backward}));
              }),
              3);
    EXPECT_GT(refusals_of([](Database& db) { return count(db.snapshot().find(visits, "{}")); }), 3);
    EXPECT_GT(refusals_of([](Database& db) {
                  return count(db.snapshot().find(visits, R"({"customer_id": {"$gte": 0}})"));
              }),
              3);
}

/// `erase_all` of everything selected 37 of 82 documents, erased them and said so: the damaged file
/// would have come back as documents that nobody had kept.
TEST_F(DamagedDocuments, AreNotErasedAsIfTheyWereFewer) {
    struct Undone {};
    const auto refusals = refusals_of([](Database& db) {
        std::size_t selected = 0;
        try {
            db.write([&](Transaction& tx) {
                selected = tx.erase_all(visits, {});
                throw Undone{};
            });
        } catch (const Undone&) {
        }
        return selected;
    });
    EXPECT_GT(refusals, 3);
    const auto of_updates = refusals_of([](Database& db) {
        std::size_t selected = 0;
        try {
            db.write([&](Transaction& tx) {
                selected = tx.update_all(visits, {}, {{"$set", Document{{"seen", true}}}});
                throw Undone{};
            });
        } catch (const Undone&) {
        }
        return selected;
    });
    EXPECT_GT(of_updates, 3);
    const Database db = Database::open(path(), schema, small_options());
    EXPECT_EQ(visits_in(db), visits_count);
    EXPECT_THAT(db.check().findings, IsEmpty());
}

}  // namespace
}  // namespace amphora::pitfalls
