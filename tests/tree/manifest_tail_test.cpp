#include "tree/rocks/environment/manifest_tail.hpp"
#include "tree/rocks/salvage/salvage.hpp"
#include "tree/tree_fixture.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

namespace amphora::tree::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t header_bytes = 7;

/// Imitates another process that has the tree open: it holds the lock on LOCK.
class LockHolder {
  public:
    explicit LockHolder(const std::string& path) {
        int ready[2];
        if (::pipe(ready) != 0) std::abort();
        child_ = ::fork();
        if (child_ == 0) {
            const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0644);
            struct flock lock = {};
            lock.l_type = F_WRLCK;
            lock.l_whence = SEEK_SET;
            const char answer = ::fcntl(file, F_SETLK, &lock) == 0 ? 'y' : 'n';
            static_cast<void>(!::write(ready[1], &answer, 1));
            ::alarm(30);
            for (;;) ::pause();
        }
        char answer = 'n';
        locked_ = ::read(ready[0], &answer, 1) == 1 && answer == 'y';
        ::close(ready[0]);
        ::close(ready[1]);
    }
    ~LockHolder() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    LockHolder(const LockHolder&) = delete;
    LockHolder& operator=(const LockHolder&) = delete;
    [[nodiscard]] bool locked() const { return locked_; }

  private:
    pid_t child_ = -1;
    bool locked_ = false;
};

/// A tree that was flushed several times, and copies of it whose MANIFEST is in a state that a
/// power cut can leave.
class ManifestTail : public ::testing::Test {
  protected:
    void deliver(Tree& tree, std::uint64_t holds) {
        for (std::uint64_t sequence = 1; sequence <= holds; ++sequence) {
            const Batch batch = random_batch(5, sequence, 3);
            apply(tree, batch, sequence);
            batch.fold_into(model);
            models[sequence] = model;
            tree.hold();
        }
    }
    /// Two flushes after the first mark's, as the disk has them while the tree is open. No
    /// compaction comes between, which would leave the copies without the tables that it replaces:
    /// a third flush would start one, and so would the end of the first view.
    void make_tree() {
        const auto tree = open_tree(Kind::rocks, scratch / "open", OpenMode::create);
        const auto first = tree->view();
        deliver(*tree, 2);
        std::filesystem::copy(scratch / "open", directory(),
                              std::filesystem::copy_options::recursive);
    }
    [[nodiscard]] std::string directory() const { return scratch / "tree"; }
    [[nodiscard]] std::string copy() const { return scratch / "copy"; }

    [[nodiscard]] static std::string manifest_in(const std::string& place) {
        std::string name = read_whole(place + "/CURRENT");
        name.pop_back();
        return place + "/" + name;
    }
    /// Where the records begin, and where the last one ends; for a file of one block.
    [[nodiscard]] std::vector<std::size_t> records() const {
        const std::string bytes = read_whole(manifest_in(directory()));
        std::vector<std::size_t> starts{0};
        while (starts.back() + header_bytes <= bytes.size()) {
            const std::size_t at = starts.back();
            const auto low = static_cast<unsigned char>(bytes[at + 4]);
            const auto high = static_cast<unsigned char>(bytes[at + 5]);
            starts.push_back(at + header_bytes + low + 256u * high);
        }
        EXPECT_EQ(starts.back(), bytes.size());
        return starts;
    }
    /// Every file of the copy with its bytes.
    [[nodiscard]] std::map<std::string, std::string> files() const {
        std::map<std::string, std::string> bytes;
        for (const auto& entry : std::filesystem::directory_iterator(copy())) {
            bytes[entry.path().filename()] = read_whole(entry.path());
        }
        return bytes;
    }
    void copy_with(const std::string& manifest) const {
        std::filesystem::remove_all(copy());
        std::filesystem::copy(directory(), copy(), std::filesystem::copy_options::recursive);
        std::ofstream(manifest_in(copy()), std::ios::binary | std::ios::trunc) << manifest;
    }
    [[nodiscard]] std::optional<std::string> cut_copy() const {
        return rocks::cut_unfinished_tail(operating_system_files(), copy());
    }
    /// Opens the copy. It must hold the first deliveries up to its mark, and no others.
    void expect_a_prefix(std::uint64_t at_least, OpenMode mode = OpenMode::read_write) const {
        const auto tree = open_tree(Kind::rocks, copy(), mode);
        const std::uint64_t sequence = number(tree->delivered().sequence);
        ASSERT_THAT(sequence, AnyOf(Eq(at_least), Eq(at_least + 1)));
        EXPECT_EQ(tree->delivered(), mark_at(sequence));
        EXPECT_EQ(contents(*tree->view()), models.at(sequence));
        EXPECT_THAT(check(*tree), IsEmpty());
    }
    void expect_refused_and_untouched(const std::string& manifest) const {
        copy_with(manifest);
        const std::string path = manifest_in(copy());
        for (const OpenMode mode : {OpenMode::read_only, OpenMode::read_write}) {
            try {
                const auto tree = open_tree(Kind::rocks, copy(), mode);
                ADD_FAILURE() << "opened";
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::corrupt);
                EXPECT_THAT(error.what(), HasSubstr("MANIFEST"));
            }
            EXPECT_EQ(read_whole(path), manifest);
        }
    }

    ScratchDirectory scratch;
    Model model;
    std::map<std::uint64_t, Model> models;
};

/// The power is cut while a flush is recorded. The file has its new size without the new contents,
/// or with a part of them. What that flush wrote was not yet reported as held.
TEST_F(ManifestTail, AnUnfinishedRecordIsCut) {
    make_tree();
    const std::vector<std::size_t> starts = records();
    const std::size_t last = starts[starts.size() - 2];
    const std::string whole = read_whole(manifest_in(directory()));
    for (std::size_t at = last; at < whole.size(); ++at) {
        SCOPED_TRACE(at);
        std::string zeroed = whole;
        std::fill(zeroed.begin() + static_cast<std::ptrdiff_t>(at), zeroed.end(), '\0');
        for (const std::string& manifest : {whole.substr(0, at), zeroed}) {
            copy_with(manifest);
            static_cast<void>(cut_copy());
            const std::string left = read_whole(manifest_in(copy()));
            // RocksDB itself takes zeros alone for the end.
            EXPECT_TRUE(left == whole.substr(0, last) || left == whole || at == last);
            EXPECT_FALSE(cut_copy()) << "nothing is left to cut";
            copy_with(manifest);
            ASSERT_NO_FATAL_FAILURE(expect_a_prefix(1));
        }
    }
}

/// A sector in the middle was not written, and the next one was.
TEST_F(ManifestTail, ARecordThatLacksASectorIsCut) {
    make_tree();
    std::string manifest = read_whole(manifest_in(directory()));
    const std::size_t last = manifest.size();
    // The header and the first bytes of a long record, nothing, and its end.
    manifest += std::string("\x12\x34\x56\x78\x00\x08\x01", header_bytes);
    manifest.resize(last + header_bytes + 0x800, 'x');
    std::fill_n(manifest.begin() + 1024, 512, '\0');
    copy_with(manifest);
    EXPECT_THAT(cut_copy().value_or(""), HasSubstr(std::to_string(manifest.size() - last) +
                                                   " bytes of an unfinished write at the end of "
                                                   "MANIFEST-"));
    EXPECT_EQ(read_whole(manifest_in(copy())).size(), last);
    copy_with(manifest);
    expect_a_prefix(2);
}

/// The record after it was synced after it, so it was synced itself, and is damaged now.
TEST_F(ManifestTail, DamageBeforeTheLastRecordIsRefused) {
    make_tree();
    const std::vector<std::size_t> starts = records();
    const std::string whole = read_whole(manifest_in(directory()));
    for (std::size_t record = 1; record + 2 < starts.size(); ++record) {
        SCOPED_TRACE(record);
        std::string flipped = whole;
        flipped[starts[record] + header_bytes] ^= 4;
        expect_refused_and_untouched(flipped);
        std::string zeroed = whole;
        std::fill(zeroed.begin() + static_cast<std::ptrdiff_t>(starts[record] + header_bytes),
                  zeroed.begin() + static_cast<std::ptrdiff_t>(starts[record + 1]), '\0');
        expect_refused_and_untouched(zeroed);
    }
}

/// An unfinished write leaves zeros or a shorter file, never a flipped bit.
TEST_F(ManifestTail, AFlippedBitInTheLastRecordIsRefused) {
    make_tree();
    const std::vector<std::size_t> starts = records();
    std::string flipped = read_whole(manifest_in(directory()));
    flipped[starts[starts.size() - 2] + header_bytes + 3] ^= 4;
    expect_refused_and_untouched(flipped);
}

/// A record that another process is writing looks the same as an unfinished one.
TEST_F(ManifestTail, IsLeftToTheHolderOfTheTree) {
    make_tree();
    std::string manifest = read_whole(manifest_in(directory()));
    std::fill(manifest.end() - 20, manifest.end(), '\0');
    copy_with(manifest);
    {
        const LockHolder other(copy() + "/LOCK");
        ASSERT_TRUE(other.locked());
        EXPECT_EQ(code_of([&] { return open_tree(Kind::rocks, copy(), OpenMode::read_write); }),
                  ErrorCode::in_use);
        EXPECT_EQ(read_whole(manifest_in(copy())), manifest);
    }
    expect_a_prefix(1);
}

/// An opening for reading shows everything before the unfinished record, wherever that ends, and
/// changes nothing. So does a salvage, which then has no list of tables to make again.
TEST_F(ManifestTail, IsNotShownToReaders) {
    make_tree();
    const std::vector<std::size_t> starts = records();
    const std::size_t last = starts[starts.size() - 2];
    const std::string whole = read_whole(manifest_in(directory()));
    for (std::size_t at = last + 1; at < whole.size(); at += 5) {
        SCOPED_TRACE(at);
        std::string zeroed = whole;
        std::fill(zeroed.begin() + static_cast<std::ptrdiff_t>(at), zeroed.end(), '\0');
        for (const std::string& manifest : {whole.substr(0, at), zeroed}) {
            copy_with(manifest);
            const auto before = files();
            ASSERT_NO_FATAL_FAILURE(expect_a_prefix(1, OpenMode::read_only));
            const rocks::Salvaged salvaged =
                rocks::salvage(copy(), scratch / "scratch", restless_rocks(),
                               {.entry = [](Bytes, Bytes) {}, .doubtful = [](Bytes, Bytes) {}});
            EXPECT_THAT(salvaged.notes, IsEmpty());
            EXPECT_TRUE(salvaged.gaps.empty());
            EXPECT_GE(salvaged.mark->mark.sequence, Sequence{1});
            EXPECT_TRUE(files() == before) << "reading changes nothing";
        }
    }
}

/// Also if a record continues in the next block.
TEST_F(ManifestTail, AWholeManifestIsNotTouched) {
    deliver(*open_tree(Kind::rocks, directory(), OpenMode::create), 260);
    const std::string whole = read_whole(manifest_in(directory()));
    ASSERT_GT(whole.size(), 33000u);
    copy_with(whole);
    EXPECT_FALSE(cut_copy());
    EXPECT_EQ(read_whole(manifest_in(copy())), whole);

    for (std::size_t size = 32750; size < 32790; ++size) {
        SCOPED_TRACE(size);
        copy_with(whole.substr(0, size));
        static_cast<void>(cut_copy());
        const std::string left = read_whole(manifest_in(copy()));
        EXPECT_TRUE(whole.starts_with(left));
        EXPECT_GT(left.size() + 1000, size);
        EXPECT_FALSE(cut_copy());
    }
}

}  // namespace
}  // namespace amphora::tree::testing
