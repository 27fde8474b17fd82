// A delivery and its mark are one transaction of LMDB's: no reader sees one without the other.

#include "tree/lmdb/data_file.hpp"
#include "tree/tree_fixture.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>

namespace amphora::tree::testing {
namespace {

class OneTransaction : public ::testing::Test {
  protected:
    void open(OpenMode mode, std::uint64_t map_bytes) {
        lmdb::LmdbOptions options = small_lmdb();
        options.map_bytes = map_bytes;
        options.reserve_bytes = 0;
        tree.reset();
        tree = lmdb::open_lmdb(directory(), identity_of(7), mode, options);
    }
    /// How many transactions the file has seen.
    [[nodiscard]] std::uint64_t transactions() const {
        const int file = ::open((directory() + "/data.mdb").c_str(), O_RDONLY | O_CLOEXEC);
        const auto newest = lmdb::DataFile(file, "data.mdb").newest_meta();
        ::close(file);
        return newest ? newest->transaction : 0;
    }
    /// The error of the delivery; empty if there is none.
    std::string deliver(const Batch& batch) {
        try {
            apply(*tree, batch, sequence + 1);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::disk_full);
            return error.what();
        }
        ++sequence;
        batch.fold_into(model);
        return {};
    }
    void expect_as_delivered() const {
        EXPECT_EQ(tree->delivered(), mark_at(sequence));
        EXPECT_EQ(contents(*tree->view()), model);
    }
    [[nodiscard]] std::string directory() const { return scratch / "tree"; }

    ScratchDirectory scratch;
    std::unique_ptr<Tree> tree;
    std::uint64_t sequence = 0;
    Model model;
};

/// Each delivery is one transaction, with its mark, also one without a change.
TEST_F(OneTransaction, IsWhatADeliveryTakes) {
    open(OpenMode::create, 4 << 20);
    const std::uint64_t before = transactions();
    while (sequence < 20) {
        Batch batch;
        if (sequence % 4 != 0) batch.put(key_in(16, std::to_string(sequence)), Buffer(600, 'r'));
        ASSERT_EQ(deliver(batch), "");
        EXPECT_EQ(transactions(), before + sequence);
    }
}

/// The map is full, and for every page that has no place, the delivery fails: while it is written
/// or, as removals do, at its commit. Contents and mark stay those of the delivery before, also for
/// a later opening.
TEST_F(OneTransaction, FailsWithItsMark) {
    constexpr std::uint64_t page = 4096;
    int at_commit = 0;
    open(OpenMode::create, 32 * page);
    for (std::uint64_t pages = 32; pages < 64; ++pages) {
        SCOPED_TRACE(std::to_string(pages) + " pages");
        open(OpenMode::read_write, pages * page);
        std::string failure;
        for (int tries = 0; failure.empty(); ++tries) {
            ASSERT_LT(tries, 1000) << "the map never became full";
            Batch batch;
            batch.put(key_in(16, std::to_string(sequence)), Buffer(900, 'r'));
            failure = deliver(batch);
        }
        expect_as_delivered();
        Batch removal;
        removal.erase(model.begin()->first);
        for (const Batch& batch : {removal, Batch{}}) {
            at_commit += deliver(batch).find("committing") != std::string::npos ? 1 : 0;
            expect_as_delivered();
        }
        open(OpenMode::read_write, pages * page);
        expect_as_delivered();
    }
    EXPECT_GT(at_commit, 0);
}

}  // namespace
}  // namespace amphora::tree::testing
