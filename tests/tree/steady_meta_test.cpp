#include "tree/foreign.hpp"
#include "tree/lmdb/data_file.hpp"
#include "tree/tree_fixture.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace amphora::tree::testing {
namespace {

constexpr std::uint32_t page_bytes = 4096;
constexpr std::size_t changing_at = 32;      // what a commit writes: from the size of the map
constexpr std::size_t transaction_at = 144;  // to the transaction number, which comes last
constexpr std::size_t end_at = 152;

/// The first two pages of a file, which another process changes while they are read. It writes in
/// two steps, so that a page can be half new for any time.
class CommittingWriter {
  public:
    explicit CommittingWriter(const std::string& path)
        : descriptor_{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)} {
        for (const std::uint64_t first : {10u, 11u}) {
            const Buffer page = page_of(first);
            write(first % 2 * page_bytes, page);
        }
    }
    ~CommittingWriter() { ::close(descriptor_); }
    CommittingWriter(const CommittingWriter&) = delete;
    CommittingWriter& operator=(const CommittingWriter&) = delete;

    void step() {
        const std::uint64_t coming = committed_ + 1;
        const Buffer page = page_of(coming);
        const std::size_t from = is_halfway_ ? transaction_at : changing_at;
        const std::size_t to = is_halfway_ ? end_at : transaction_at;
        write(coming % 2 * page_bytes + from, Bytes(page).substr(from, to - from));
        if (is_halfway_) committed_ = coming;
        is_halfway_ = !is_halfway_;
    }
    [[nodiscard]] std::uint64_t committed() const { return committed_; }
    [[nodiscard]] int descriptor() const { return descriptor_; }

    static lmdb::Meta meta_of(std::uint64_t transaction) {
        lmdb::Meta meta;
        meta.page_bytes = page_bytes;
        meta.map_bytes = 1 << 30;
        meta.last_page = 1000 + transaction;
        meta.transaction = transaction;
        meta.main = {
            .depth = 1, .leaf_pages = 1, .entries = 7 * transaction, .root = 100 + transaction};
        return meta;
    }

  private:
    static Buffer page_of(std::uint64_t transaction) {
        return lmdb::encode_meta_page(meta_of(transaction), static_cast<unsigned>(transaction % 2),
                                      transaction);
    }
    void write(std::size_t offset, Bytes bytes) const {
        EXPECT_EQ(::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
                  static_cast<ssize_t>(bytes.size()));
    }

    int descriptor_;
    std::uint64_t committed_ = 11;
    bool is_halfway_ = false;
};

/// Between any two readings the writer may do any number of steps. What is read is always one
/// commit as a whole, and not older than the newest one when the reading began.
TEST(SteadyMeta, IsOneCommitWhateverIsWrittenMeanwhile) {
    const ScratchDirectory scratch;
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE("AMPHORA_SEED=" + std::to_string(seed));
    Dice dice(seed);
    const std::uint64_t rounds = 20'000 * scale_from_environment();
    CommittingWriter writer(scratch / "data.mdb");
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const std::uint64_t before = writer.committed();
        std::uint64_t steps_left = dice.below(14);
        const AskedValidity meanwhile{[&] {
            const std::uint64_t steps =
                dice.below(2) == 0 ? 0 : std::min(steps_left, dice.below(7));
            steps_left -= steps;
            for (std::uint64_t i = 0; i < steps; ++i) writer.step();
        }};
        const lmdb::DataFile file(writer.descriptor(), "data.mdb", &meanwhile);
        const auto meta = file.steady_meta();
        ASSERT_TRUE(meta);
        ASSERT_GE(meta->transaction, before);
        ASSERT_LE(meta->transaction, writer.committed());
        const lmdb::Meta expected = CommittingWriter::meta_of(meta->transaction);
        ASSERT_EQ(meta->main.root, expected.main.root);
        ASSERT_EQ(meta->main.entries, expected.main.entries);
        ASSERT_EQ(meta->last_page, expected.last_page);
    }
}

/// A writer that commits at every reading ends in an error, and not in a loop without end.
TEST(SteadyMeta, AWriterThatIsTooFastIsAnError) {
    const ScratchDirectory scratch;
    CommittingWriter writer(scratch / "data.mdb");
    const AskedValidity meanwhile{[&] { writer.step(); }};
    const lmdb::DataFile file(writer.descriptor(), "data.mdb", &meanwhile);
    EXPECT_EQ(code_of([&] { return file.steady_meta(); }), ErrorCode::timeout);
}

}  // namespace
}  // namespace amphora::tree::testing
