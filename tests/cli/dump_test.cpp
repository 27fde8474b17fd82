// `amphora dump`: everything, or an error.

#include "cli/command_line_test.hpp"
#include "support/small_tables.hpp"

#include <gmock/gmock.h>

#include <random>

namespace amphora {
namespace {

class DumpTest : public CommandLineTest {};

/// One flipped bit once made a dump with 37 of 82 documents and exit status 0: anyone who kept it
/// as a copy had lost the rest.
TEST_F(DumpTest, OfDamagedDocumentsIsNoShorterDump) {
    make_shop();
    const std::string path = directory_.path() + "/db";
    {
        std::mt19937_64 random{20'260'131};
        Database db = Database::open(path);
        db.write([&](Transaction& tx) {
            const std::int64_t customer = shop::add_customer(tx, "Kim");
            for (int visit = 0; visit < 300; ++visit) {
                std::string notes(400, ' ');
                for (char& letter : notes) letter = static_cast<char>('!' + random() % 90);
                tx.insert(shop::visits, {{"customer_id", customer}, {"notes", notes}});
            }
        });
        db.close();
    }
    support::split_into_small_tables(path);
    const std::vector<std::string> tables = support::table_files(path);
    EXPECT_GT(tables.size(), 4u);
    int refusals = 0;
    for (const std::string& table : tables) {
        const support::FlippedBit damage{table, 100};
        // Nothing of the file is read if it holds only entries of the index.
        const Answer answer = amphora("dump db visits");
        if (answer.code == 0) {
            EXPECT_EQ(std::ranges::count(answer.text, '\n'), 300) << table;
        } else {
            EXPECT_EQ(answer.code, 3) << answer.text;
            EXPECT_THAT(answer.text, testing::HasSubstr("corrupt"));
            ++refusals;
        }
    }
    EXPECT_GT(refusals, 3);
}

}  // namespace
}  // namespace amphora
