// `amphora check` and `amphora repair` on damaged databases, as people use them in a shell.

#include "cli/command_line_test.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace amphora {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RepairCommandTest : public CommandLineTest {
  protected:
    static constexpr int customers_made = 300;

    void SetUp() override {
        make_shop();
        Options lazy;
        lazy.seal_age_ms = 3'600'000;
        Database db = Database::open(path(), lazy);
        for (int first = 0; first < customers_made; first += 20) {
            db.write([&](Transaction& tx) {
                for (int customer = first; customer < first + 20; ++customer) {
                    const auto id = shop::add_customer(tx, name_of(customer));
                    tx.insert(shop::visits, {{"_id", customer}, {"customer_id", id}});
                }
            });
        }
        // As a crash would leave it: nothing is delivered, and the journal has every commit.
        fs::copy(path(), directory_.path() + "/killed", fs::copy_options::recursive);
        db.close();
    }
    void take_the_killed_one() const {
        fs::remove_all(path());
        fs::rename(directory_.path() + "/killed", path());
    }
    static std::string name_of(int customer) { return "customer" + std::to_string(customer) + "!"; }
    [[nodiscard]] std::string path() const { return directory_.path() + "/db"; }
    [[nodiscard]] std::string pages() const { return path() + "/relational/data.mdb"; }

    static std::string read_file(const std::string& path) {
        std::stringstream text;
        text << std::ifstream{path, std::ios::binary}.rdbuf();
        return text.str();
    }
    static void write_file(const std::string& path, const std::string& bytes) {
        std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
    }
    /// One letter of every value that holds `text`.
    void damage_value(const std::string& text) const {
        std::string bytes = read_file(pages());
        std::size_t times = 0;
        for (std::size_t at = 0; (at = bytes.find(text, at)) != std::string::npos; ++times) {
            bytes[at++] ^= 1;
        }
        ASSERT_GT(times, 0u);
        write_file(pages(), bytes);
    }

    /// What is there, and that it is what was written.
    struct Contents {
        std::size_t customers = 0;
        std::size_t visits = 0;
    };
    [[nodiscard]] Contents contents() const {
        Contents found;
        const Database db = Database::open(path());
        const Snapshot now = db.snapshot();
        for (const RowView& row : now.scan(shop::customers)) {
            const auto id = row["customer_id"].integer();
            EXPECT_EQ(row["name"].text(), name_of(static_cast<int>(id) - 1));
            ++found.customers;
        }
        for (const DocumentView visit : now.scan(shop::visits)) {
            EXPECT_EQ(visit.field("customer_id")->as_int64(), *visit.field("_id")->as_int64() + 1);
            ++found.visits;
        }
        return found;
    }
    [[nodiscard]] std::string timeline() const {
        return Database::open(path()).statistics().timeline;
    }
    /// A repaired database is a database.
    void expect_sound() const {
        const Answer check = amphora("check --deep db");
        EXPECT_EQ(check.code, 0) << check.text;
        {
            Database db = Database::open(path());
            db.write([](Transaction& tx) { shop::add_customer(tx, "new!"); });
        }
        EXPECT_EQ(amphora("check --deep db").code, 0);
    }
};

TEST_F(RepairCommandTest, ASoundDatabaseIsLeftAlone) {
    EXPECT_EQ(amphora("check --deep db").code, 0);
    const std::string before = timeline();
    const Answer answer = amphora("repair db --apply");
    EXPECT_EQ(answer.code, 0) << answer.text;
    EXPECT_THAT(answer.text, HasSubstr("nothing to repair"));
    EXPECT_EQ(timeline(), before);
}

/// One row's bytes have changed on the disk: the row goes into quarantine, with its document, which
/// refers to it. Nothing else does, and without --apply nothing is changed.
TEST_F(RepairCommandTest, ADamagedRowGoesIntoQuarantine) {
    const std::string before = timeline();
    damage_value("customer17!");
    const Answer check = amphora("check --deep db");
    EXPECT_EQ(check.code, 1);
    EXPECT_THAT(check.text, HasSubstr("checksum of the entry"));

    const std::string damaged = read_file(pages());
    const Answer dry = amphora("repair db");
    EXPECT_EQ(dry.code, 1) << dry.text;
    EXPECT_THAT(dry.text, HasSubstr("nothing was changed"));
    EXPECT_EQ(read_file(pages()), damaged);
    EXPECT_FALSE(fs::exists(directory_.path() + "/db.damaged"));

    const Answer answer = amphora("repair db --apply");
    EXPECT_EQ(answer.code, 1) << answer.text << "a result that is not whole";
    EXPECT_EQ(read_file(directory_.path() + "/db.damaged/relational/data.mdb"), damaged);
    EXPECT_NE(timeline(), before);
    const std::string quarantine = read("db/quarantine.jsonl");
    EXPECT_THAT(quarantine, HasSubstr(R"("name": "customers")"));
    EXPECT_THAT(quarantine, HasSubstr("checksum of the row"));
    EXPECT_THAT(quarantine, HasSubstr(R"("name": "visits")"));
    EXPECT_THAT(quarantine, HasSubstr("has no row in customers"));
    const Contents found = contents();
    EXPECT_EQ(found.customers, customers_made - 1);
    EXPECT_EQ(found.visits, customers_made - 1);
    expect_sound();
}

/// All documents are gone, and the journal still holds what made them.
TEST_F(RepairCommandTest, LostDocumentsComeBackFromTheJournal) {
    take_the_killed_one();
    fs::remove_all(path() + "/documents");
    EXPECT_EQ(amphora("check db").code, 1);
    const Answer answer = amphora("repair db --apply");
    // The first commit made the catalog. The journal does not have it any more, and cannot know
    // that it had no documents.
    EXPECT_EQ(answer.code, 1) << answer.text;
    EXPECT_THAT(answer.text, HasSubstr("commits 1 to 1 cannot be read"));
    const Contents found = contents();
    EXPECT_EQ(found.customers, customers_made);
    EXPECT_EQ(found.visits, customers_made);
    expect_sound();
}

/// Half of the pages are zeros. The rest comes back, without a value that was never written.
TEST_F(RepairCommandTest, BrokenPagesLeaveTheOthers) {
    std::string bytes = read_file(pages());
    const std::size_t middle = bytes.size() / 4096 / 2 * 4096;
    for (std::size_t at = middle; at + 4096 <= bytes.size(); at += 8192) {
        bytes.replace(at, 4096, 4096, '\0');
    }
    write_file(pages(), bytes);
    fs::remove_all(path() + "/journal");
    const Answer answer = amphora("repair db --apply");
    if (answer.code == 3) {
        EXPECT_THAT(answer.text, HasSubstr("catalog"));
        return;
    }
    EXPECT_EQ(answer.code, 1) << answer.text;
    const Contents found = contents();
    EXPECT_LE(found.visits, found.customers);
    expect_sound();
}

/// A leaf page with rows is gone, and so is the journal: the table's digest says how many are
/// missing.
TEST_F(RepairCommandTest, LostPagesAreALoss) {
    std::string bytes = read_file(pages());
    std::size_t pages_lost = 0;
    for (std::size_t at = 0; (at = bytes.find("customer150!customer150!", at)) != std::string::npos;
         ++at, ++pages_lost) {
        bytes.replace(at / 4096 * 4096, 4096, 4096, '\0');
    }
    ASSERT_GT(pages_lost, 0u);
    write_file(pages(), bytes);
    fs::remove_all(path() + "/journal");
    const Answer answer = amphora("repair db --apply");
    EXPECT_EQ(answer.code, 1) << answer.text;
    const Contents found = contents();
    EXPECT_LT(found.customers, customers_made);
    EXPECT_THAT(answer.text, HasSubstr("table customers: as of commit 16, " +
                                       std::to_string(customers_made - found.customers) +
                                       " of 300 rows are missing"));
    expect_sound();
}

/// The file that says which database this is can be made again, and nothing else has to change.
TEST_F(RepairCommandTest, ALostIdentityIsWrittenAgain) {
    const std::string before = timeline();
    fs::remove(path() + "/IDENTITY");
    EXPECT_EQ(amphora("check db").code, 1);
    const Answer answer = amphora("repair db --apply");
    EXPECT_EQ(answer.code, 0) << answer.text;
    EXPECT_THAT(answer.text, HasSubstr("IDENTITY"));
    EXPECT_EQ(timeline(), before);
    EXPECT_EQ(contents().customers, customers_made);
}

/// The whole journal is gone: what the stores hold stays, in a new timeline.
TEST_F(RepairCommandTest, ALostJournalCostsWhatOnlyItHeld) {
    fs::remove_all(path() + "/journal");
    amphora("repair db");
    EXPECT_FALSE(fs::exists(path() + "/journal")) << "a dry run makes nothing";
    const Answer answer = amphora("repair db --apply");
    EXPECT_EQ(answer.code, 1) << answer.text;
    EXPECT_THAT(answer.text, HasSubstr("if there were any")) << "nobody knows";
    EXPECT_EQ(contents().customers, customers_made);
    EXPECT_EQ(contents().visits, customers_made);
    expect_sound();
}

/// A table file of the documents has a damaged block, and no journal has the documents any more:
/// those in the block are lost, the others are not.
TEST_F(RepairCommandTest, ADamagedBlockCostsItsDocuments) {
    fs::remove_all(path() + "/journal");
    std::string largest;
    for (const auto& entry : fs::directory_iterator{path() + "/documents"}) {
        if (entry.path().extension() != ".sst") continue;
        if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path();
    }
    std::string bytes = read_file(largest);
    bytes[1000] ^= 1;
    write_file(largest, bytes);
    const Answer answer = amphora("repair db --apply");
    EXPECT_EQ(answer.code, 1) << answer.text;
    EXPECT_THAT(answer.text, HasSubstr("collection visits: documents between")) << answer.text;
    const Contents found = contents();
    EXPECT_EQ(found.customers, customers_made);
    EXPECT_LT(found.visits, customers_made);
    EXPECT_GT(found.visits, 0u) << "those after the block";
    expect_sound();
}

/// One definition is damaged: the schema restores it with everything that it defines.
TEST_F(RepairCommandTest, ASchemaBringsADefinitionBack) {
    damage_value("CREATE COLLECTION");
    fs::remove_all(path() + "/journal");
    const Answer without = amphora("repair db --json");
    EXPECT_EQ(without.code, 1) << without.text;
    EXPECT_THAT(without.text, HasSubstr("--schema"));
    write("shop.sql", std::string{shop::schema.text});
    const Answer answer = amphora("repair db --apply --schema shop.sql");
    EXPECT_EQ(contents().customers, customers_made) << answer.text;
    EXPECT_EQ(contents().visits, customers_made);
    expect_sound();
}

}  // namespace
}  // namespace amphora
