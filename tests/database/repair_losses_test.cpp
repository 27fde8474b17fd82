// A repair reports as missing exactly what is missing; entries are compared by version.

#include "database/damaged_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace amphora::shop {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

/// A shop after a kill: both stores hold the first half of its customers, and only the journal has
/// the other half.
class KilledShop : public DamagedShop {
  protected:
    static constexpr int customers_made = 100;

    void SetUp() override {
        const std::string living = directory_ / "living";
        Options small;
        small.profile = Profile::edge;
        small.segment_bytes = 256 << 10;
        small.commit_bytes_max = 192 << 10;
        {
            Database db = Database::open(living, schema, small);
            add(db, 1, customers_made / 2);
            db.close();
        }
        for (int times = 0; times < 2; ++times) Database::open(living, small).close();
        Options lazy = small;
        lazy.seal_age_ms = 3'600'000;
        Database db = Database::open(living, lazy);
        add(db, customers_made / 2 + 1, customers_made);
        db.write([](Transaction& tx) { tx.update(customers, {7}, Record{{"name", "changed"}}); });
        fs::copy(living, path(), fs::copy_options::recursive);
        db.close();
    }
    static void add(Database& db, int from, int to) {
        for (int customer = from; customer <= to; ++customer) {
            db.write([&](Transaction& tx) { add_visitor(tx, customer); });
        }
    }
    /// The segment that was written last.
    [[nodiscard]] std::string newest_segment() const {
        for (const auto& entry : fs::directory_iterator{path() + "/journal"}) {
            if (read(entry.path()).find(name_of(customers_made)) != std::string::npos) {
                return entry.path();
            }
        }
        ADD_FAILURE() << "no segment has the last customer";
        return {};
    }
    static std::string read(const std::string& file) {
        std::stringstream text;
        text << std::ifstream{file, std::ios::binary}.rdbuf();
        return std::move(text).str();
    }
};

/// Half of the journal is lost, with commits that were acknowledged. The result is sound but not
/// whole. Once nothing reported that.
TEST_F(KilledShop, ACutJournalIsALoss) {
    const std::string segment = newest_segment();
    const std::size_t end = read(segment).find_last_not_of('\0');
    fs::resize_file(segment, end / 2);
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_LT(report.rows, customers_made);
    EXPECT_GT(report.rows, customers_made / 2);
    EXPECT_FALSE(report.whole);
    EXPECT_THAT(report.losses, Contains(HasSubstr("bytes long instead of")));
    EXPECT_THAT(report.losses,
                Contains(HasSubstr("commits after " + std::to_string(number(report.last)))));
}

/// The last frame does not verify. As far as can be known, its commits were acknowledged.
TEST_F(KilledShop, ADamagedLastFrameIsALoss) {
    const std::string segment = newest_segment();
    std::string bytes = read(segment);
    // Not the last byte that is not zero: it may be of an earlier life of the file.
    bytes.at(bytes.rfind("changed")) ^= 1;
    std::ofstream{segment, std::ios::binary | std::ios::trunc} << bytes;
    flip_in_all(name_of(40) + name_of(40), 0);  // so that there is something to repair
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_THAT(report.losses, Contains(HasSubstr("a frame does not verify; commits after")));
    EXPECT_FALSE(report.whole);
}

TEST_F(KilledShop, ALostJournalIsALoss) {
    fs::remove_all(path() + "/journal");
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_EQ(report.rows, customers_made / 2);
    EXPECT_FALSE(report.whole);
    EXPECT_THAT(report.losses, Contains(HasSubstr("the journal has no segment")));
}

/// The damaged row is an earlier version of one that the journal has.
TEST_F(KilledShop, WhatALaterCommitWroteAgainIsNotMissing) {
    flip_in_all(name_of(7) + name_of(7), 0);
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_EQ(report.rows, customers_made);
    EXPECT_EQ(report.rows_quarantined, 0u);
    EXPECT_THAT(report.losses, IsEmpty());
    EXPECT_TRUE(report.whole);
    const Database db = Database::open(path());
    EXPECT_EQ((*db.snapshot().find(customers, {7}))["name"].as<std::string>(), "changed");
}

/// Only what exists nowhere any more is named: the row in quarantine, with the document that refers
/// to it.
TEST_F(KilledShop, WhatNoCommitWroteAgainIsInQuarantine) {
    flip_in_all(name_of(8) + name_of(8), 0);
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_EQ(report.rows, customers_made - 1);
    EXPECT_EQ(report.rows_quarantined, 1u);
    EXPECT_EQ(report.documents_quarantined, 1u);
    EXPECT_THAT(report.losses, IsEmpty());
    EXPECT_FALSE(report.whole);
}

}  // namespace
}  // namespace amphora::shop
