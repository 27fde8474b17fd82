// A power cut while the document store entered a flush into its list of files: the database is
// sound, and an opening for reading must not report damage.

#include "database/shop.hpp"
#include "support/read_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace amphora::shop {
namespace {

namespace fs = std::filesystem;

constexpr int customers_count = 20;

class TornManifestTest : public testing::Test {
  protected:
    /// The file contains the beginning of the last flush's record, and then zeros.
    void SetUp() override {
        Options lazy;
        lazy.seal_age_ms = 3'600'000;
        Database db = Database::open(directory_.path() + "/living", schema, lazy);
        for (int number = 0; number < customers_count; ++number) {
            db.write([&](Transaction& tx) {
                const auto id = add_customer(tx, "c" + std::to_string(number));
                tx.insert(visits, {{"customer_id", id}});
            });
        }
        fs::copy(db.path(), path(), fs::copy_options::recursive);
        std::ofstream{manifest(), std::ios::binary | std::ios::app}
            << std::string("\x12\x34\x56\x78\x40\x00\x01half", 11) << std::string(60, '\0');
    }
    [[nodiscard]] std::string path() const { return directory_.database(); }
    [[nodiscard]] std::string manifest() const {
        std::string name;
        std::ifstream{path() + "/documents/CURRENT"} >> name;
        return path() + "/documents/" + name;
    }
    /// Every file that reading could change, except the lists of readers.
    [[nodiscard]] std::map<std::string, std::string> contents() const {
        std::map<std::string, std::string> all;
        for (const auto& entry : fs::recursive_directory_iterator(path())) {
            const std::string name = entry.path().filename();
            if (!entry.is_regular_file() || name == "LOCK" || name == "lock.mdb") continue;
            all[entry.path()] = support::read_file(entry.path());
        }
        return all;
    }
    [[nodiscard]] Database open(OpenMode mode) const {
        Options options;
        options.mode = mode;
        return Database::open(path(), schema, options);
    }

    Directory directory_;
};

void expect_everything(const Database& db) {
    const Snapshot now = db.snapshot();
    EXPECT_EQ(count(now.scan(customers)), static_cast<std::size_t>(customers_count));
    EXPECT_EQ(count(now.scan(visits)), static_cast<std::size_t>(customers_count));
    EXPECT_THAT(db.statistics().recovery.left_out, testing::IsEmpty());
}

TEST_F(TornManifestTest, ReadingShowsEverythingAndChangesNothing) {
    const auto before = contents();
    for (const OpenMode mode : {OpenMode::read_only, OpenMode::rescue}) {
        expect_everything(open(mode));
        EXPECT_TRUE(contents() == before);
    }
}

TEST_F(TornManifestTest, CheckFindsNothingAndChangesNothing) {
    const auto before = contents();
    for (const CheckDepth depth : {CheckDepth::ordinary, CheckDepth::deep}) {
        const CheckReport report = Database::check_directory(path(), depth);
        EXPECT_THAT(report.findings, testing::IsEmpty());
        EXPECT_EQ(report.documents, static_cast<std::uint64_t>(customers_count));
        EXPECT_TRUE(contents() == before);
    }
}

TEST_F(TornManifestTest, OpeningForWritingCutsIt) {
    const auto size = fs::file_size(manifest());
    const std::string torn = manifest();
    expect_everything(open(OpenMode::must_exist));
    EXPECT_TRUE(!fs::exists(torn) || fs::file_size(torn) != size);
    EXPECT_THAT(Database::check_directory(path()).findings, testing::IsEmpty());
}

}  // namespace
}  // namespace amphora::shop
