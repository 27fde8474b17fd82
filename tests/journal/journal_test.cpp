#include "journal/journal.hpp"
#include <amphora/error.hpp>
namespace amphora::journal {
TEST(Smoke, Opens) {
    const std::string dir = ::testing::TempDir() + "/amphora_journal_smoke";
    (void)std::system(("rm -rf " + dir + "; mkdir -p " + dir).c_str());
    auto& files = operating_system_files();
    Identity id{make_uuid(), make_uuid()};
    Journal::create(files, dir, id);
    for (int round = 0; round < 5; ++round) {
        auto j = Journal::open(files, dir, id, {}, Journal::Mode::read_write, {});
        EXPECT_EQ(number(j->recovery().last), static_cast<unsigned>(round) * 100);
        for (int i = 1; i <= 100; ++i) {
            j->reserve(400);
            Sequence s{static_cast<std::uint64_t>(round * 100 + i)};
            j->append(s, Durability::synced, Buffer(400, 'x'));
            j->await_visible(s);
        }
        if (round & 1) j->close();
        j->check([](std::string s) { ADD_FAILURE() << s; });
    }
}
}  // namespace amphora::journal
