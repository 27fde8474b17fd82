#include "tree/lmdb/file_check.hpp"
#include "tree/lmdb/salvage.hpp"
#include "tree/lmdb/structure_walk.hpp"
#include "tree/tree_fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace amphora::tree::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// LMDB trusts its pages, and they have no checksum: the effect of a flipped bit is found by the
/// tree, or crashes the process in the library.
class LmdbDamage : public ::testing::Test {
  protected:
    void SetUp() override {
        tree = open_tree(Kind::lmdb, directory(), OpenMode::create);
        for (std::uint64_t sequence = 1; sequence <= 12; ++sequence) {
            const Batch batch = random_batch(2, sequence, 400);
            apply(*tree, batch, sequence);
            batch.fold_into(model);
        }
        tree.reset();
    }
    void reopen(OpenMode mode = OpenMode::read_write) {
        tree.reset();
        tree = open_tree(Kind::lmdb, directory(), mode);
    }
    [[nodiscard]] std::string directory() const { return scratch / "tree"; }
    [[nodiscard]] std::string file() const { return directory() + "/data.mdb"; }

    [[nodiscard]] std::string read_file() const { return read_whole(file()); }
    void write_file(const std::string& bytes) const {
        std::ofstream(file(), std::ios::binary | std::ios::trunc) << bytes;
    }
    [[nodiscard]] std::vector<std::string> check_offline() const {
        CollectedFindings findings;
        lmdb::check_file(directory(), findings);
        return findings.all;
    }

    ScratchDirectory scratch;
    std::unique_ptr<Tree> tree;
    Model model;
};

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return std::string(error.code_name()) + ": " + error.what();
    }
    return "no error";
}

/// One bit of one value is flipped. Every reader refuses the value, with file and key in the
/// message; all other values can be read; `check` names it.
TEST_F(LmdbDamage, FlippedValueIsFoundByEveryReader) {
    const Buffer key = key_in(16, "the one");
    reopen();
    apply(*tree, Batch().put(key, "a value like no other in this file"), 13);
    tree.reset();
    std::string bytes = read_file();
    std::size_t flipped = 0;
    for (std::size_t at = 0; (at = bytes.find("like no other", at)) != std::string::npos; ++at) {
        bytes[at] ^= 1;
        ++flipped;
    }
    ASSERT_GE(flipped, 1u);
    write_file(bytes);

    reopen();
    const auto view = tree->view();
    Buffer room;
    const auto named = ::testing::AllOf(HasSubstr("corrupt: "), HasSubstr(file()),
                                        HasSubstr("00000010746865206f6e65"));
    EXPECT_THAT(message_of([&] { static_cast<void>(view->find(key, room)); }), named);
    const auto cursor = view->cursor();
    EXPECT_THAT(message_of([&] { cursor->seek(key); }), named);
    EXPECT_FALSE(cursor->valid());
    EXPECT_THAT(message_of([&] { contents(*view); }), named);
    for (const auto& [other, value] : model) EXPECT_EQ(view->find(other, room), value);
    EXPECT_THAT(check(*tree), ::testing::ElementsAre(HasSubstr("00000010746865206f6e65"),
                                                     HasSubstr("space 16 holds")));
}

/// A value under a wrong key does not verify: the checksum covers the key.
TEST_F(LmdbDamage, FlippedKeyIsFound) {
    reopen();
    apply(*tree, Batch().put(key_in(16, "key like no other"), "v"), 13);
    tree.reset();
    std::string bytes = read_file();
    for (std::size_t at = 0; (at = bytes.find("key like no other", at)) != std::string::npos;
         ++at) {
        bytes[at + 16] = 's';
    }
    write_file(bytes);
    reopen();
    Buffer room;
    EXPECT_THAT(message_of([&] {
                    static_cast<void>(tree->view()->find(key_in(16, "key like no othes"), room));
                }),
                HasSubstr("corrupt: "));
    EXPECT_THAT(check(*tree), Not(IsEmpty()));
}

/// A key whose damage makes it look like a record of the tree's own was taken for the end, and
/// everything after it was left out without an error.
TEST_F(LmdbDamage, AKeyThatLooksLikeTheTreesOwnIsFound) {
    const Buffer key = key_in(16, "key like no other");
    reopen();
    apply(*tree, Batch().put(key, "v"), 13);
    tree.reset();
    std::string bytes = read_file();
    std::size_t flipped = 0;
    for (std::size_t at = 0; (at = bytes.find(key, at)) != std::string::npos; ++at, ++flipped) {
        bytes[at + 3] ^= 0x10;
    }
    ASSERT_GE(flipped, 1u);
    write_file(bytes);
    reopen();
    const auto view = tree->view();
    const auto backward = [&] {
        const auto cursor = view->cursor();
        for (cursor->seek_before({}); cursor->valid(); cursor->previous()) {
        }
    };
    const auto forward = [&] {
        const auto cursor = view->cursor();
        for (cursor->seek({}); cursor->valid(); cursor->next()) {
        }
    };
    const auto named = ::testing::AllOf(HasSubstr("corrupt: "), HasSubstr(file()));
    EXPECT_THAT(message_of(backward), named);
    EXPECT_THAT(message_of(forward), named);
}

/// A file whose end is missing would kill the process with SIGBUS at the first access.
TEST_F(LmdbDamage, ShortenedFileIsRefused) {
    // A value of many pages, for which there is no gap: it becomes the end of the file.
    reopen();
    const Batch big = Batch().put(key_in(16, "big"), Buffer(1 << 20, 'b'));
    apply(*tree, big, 13);
    big.fold_into(model);
    tree.reset();
    const std::string whole = read_file();
    for (const std::size_t missing : {std::size_t{1}, std::size_t{4096}, whole.size() / 2,
                                      whole.size() - 8192, whole.size() - 100}) {
        write_file(whole.substr(0, whole.size() - missing));
        EXPECT_THAT(message_of([&] { reopen(); }), HasSubstr("corrupt: ")) << missing;
        EXPECT_THAT(message_of([&] { reopen(OpenMode::read_only); }), HasSubstr("corrupt: "));
        EXPECT_THAT(check_offline(), Not(IsEmpty()));
    }
    write_file(whole);
    reopen();
    EXPECT_EQ(contents(*tree->view()), model);
}

/// LMDB does not write pages that a commit took and gave back, so a file may end before them.
TEST_F(LmdbDamage, FreePagesAtTheEndMayBeMissing) {
    reopen();
    Batch big;
    for (int i = 0; i < 50; ++i) big.put(key_in(17, "big" + std::to_string(i)), Buffer(20000, 'b'));
    apply(*tree, big, 13);
    Batch away;
    for (int i = 0; i < 50; ++i) away.erase(key_in(17, "big" + std::to_string(i)));
    for (std::uint64_t sequence = 14; sequence < 18; ++sequence) apply(*tree, away, sequence);
    tree.reset();

    std::string bytes = read_file();
    {
        const lmdb::OpenedFile opened(file());
        const auto meta = opened.data().newest_meta();
        ASSERT_TRUE(meta);
        const auto free = lmdb::StructureWalk::free_pages(opened.data(), *meta);
        ASSERT_TRUE(free);
        std::uint64_t pages = meta->last_page + 1;
        while ((*free)[pages - 1]) --pages;
        ASSERT_LT(pages, meta->last_page);
        bytes.resize(pages * meta->page_bytes);
    }
    write_file(bytes);
    reopen();
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_THAT(check(*tree), IsEmpty());
    apply(*tree, big, 18);
    big.fold_into(model);
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_THAT(check(*tree), IsEmpty());
}

/// If the very last step of a commit fails, the meta page that LMDB does not use has an old number
/// and roots that were never completed. This is no damage: the tree opens unchanged, and the next
/// commit replaces the page. On the page in use the same contents are damage.
TEST_F(LmdbDamage, TheMetaPageThatIsNotInUseMaySayAnything) {
    constexpr std::size_t main_root_at = 128;  // in MDB_meta with its page header
    const std::string sound = read_file();
    std::uint64_t newest = 0;
    {
        const lmdb::OpenedFile opened(file());
        newest = opened.data().newest_meta()->transaction;
    }
    const auto with_a_root_from_nowhere = [&](std::uint64_t slot) {
        std::string bytes = sound;
        bytes.replace(slot * 4096 + main_root_at, 8, std::string("\xFF\xFF\xFF\0\0\0\0\0", 8));
        return bytes;
    };
    write_file(with_a_root_from_nowhere(newest % 2));
    EXPECT_THAT(message_of([&] { reopen(); }), HasSubstr("corrupt"));

    write_file(with_a_root_from_nowhere((newest + 1) % 2));
    reopen();
    EXPECT_EQ(contents(*tree->view()), model);
    const Batch batch = random_batch(2, 13, 400);
    apply(*tree, batch, 13);
    batch.fold_into(model);
    reopen();
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_THAT(check(*tree), IsEmpty());
}

/// One flipped bit anywhere after the meta pages: the check, which never lets LMDB use the file,
/// reports it, unless the bit has no effect, and then everything is unchanged.
TEST_F(LmdbDamage, CheckFindsFlippedBits) {
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE("AMPHORA_SEED=" + std::to_string(seed));
    Dice dice(seed);
    const std::string whole = read_file();
    ASSERT_THAT(check_offline(), IsEmpty());
    int found = 0;
    const int flips = static_cast<int>(150 * scale_from_environment());
    for (int flip = 0; flip < flips; ++flip) {
        std::string bytes = whole;
        // Half of them in the first bytes of a page, which contain its structure.
        const std::uint64_t page = 2 + dice.below(whole.size() / 4096 - 2);
        const std::uint64_t offset =
            page * 4096 + (flip % 2 == 0 ? dice.below(64) : dice.below(4096));
        bytes[offset] = static_cast<char>(bytes[offset] ^ (1 << dice.below(8)));
        write_file(bytes);
        if (!check_offline().empty()) {
            ++found;
            // Opening may refuse, but must not crash.
            code_of([&] { reopen(OpenMode::read_only); });
            tree.reset();
            continue;
        }
        reopen(OpenMode::read_only);
        ASSERT_EQ(contents(*tree->view()), model) << "offset " << offset;
        tree.reset();
    }
    EXPECT_GT(found, flips / 4);
}

/// A page from an earlier state, valid in itself: a disk that lost a write shows it.
TEST_F(LmdbDamage, CheckFindsStalePages) {
    reopen();
    Model before = model;
    Batch first;
    for (int i = 0; i < 1500; ++i) first.put(key_in(16, std::to_string(i)), "before");
    apply(*tree, first, 13);
    apply(*tree, Batch(), 14);
    apply(*tree, Batch(), 15);
    tree.reset();
    const std::string older = read_file();
    reopen();
    for (std::uint64_t sequence = 16; sequence < 26; ++sequence) {
        apply(*tree, Batch().put(key_in(16, std::to_string(sequence * 31)), "after!"), sequence);
    }
    tree.reset();
    const std::string newer = read_file();
    int stale_found = 0;
    int stale = 0;
    for (std::size_t page = 2; (page + 1) * 4096 <= older.size(); ++page) {
        const std::string old_page = older.substr(page * 4096, 4096);
        if (newer.compare(page * 4096, 4096, old_page) == 0) continue;
        std::string bytes = newer;
        bytes.replace(page * 4096, 4096, old_page);
        write_file(bytes);
        ++stale;
        if (!check_offline().empty()) {
            ++stale_found;
            continue;
        }
        reopen(OpenMode::read_only);
        Model now = contents(*tree->view());
        tree.reset();
        write_file(newer);
        reopen(OpenMode::read_only);
        ASSERT_EQ(now, contents(*tree->view())) << "page " << page;
        tree.reset();
    }
    EXPECT_GT(stale, 3);
    EXPECT_GT(stale_found, 0);
}

/// A page as it was one commit ago, in its own place, because the disk lost its last write.
/// Everything in it is valid: its number, its order, its checksums, its count of entries. Only the
/// digest of the space shows that one entry should be another.
TEST_F(LmdbDamage, CheckFindsAnEarlierVersionOfAPage) {
    const Buffer key = key_in(4'000'000, "the one");
    const auto page_with = [](const std::string& file, const char* text) {
        const std::size_t page = file.find(text) / 4096 * 4096;
        EXPECT_EQ(file.find(text, page + 4096), std::string::npos);
        return page;
    };
    reopen();
    apply(*tree, Batch().put(key, "the value before"), 13);
    tree.reset();
    const std::string older = read_file();
    reopen();
    apply(*tree, Batch().put(key, "the value newest"), 14);
    tree.reset();
    std::string newer = read_file();
    const std::size_t stale = page_with(older, "the value before");
    const std::size_t live = page_with(newer, "the value newest");
    // Everything but the page number in it.
    newer.replace(live + 8, 4096 - 8, older, stale + 8, 4096 - 8);
    write_file(newer);
    EXPECT_THAT(check_offline(), ::testing::ElementsAre(HasSubstr("space 4000000 holds")));
    reopen();
    Buffer room;
    EXPECT_EQ(tree->view()->find(key, room), "the value before");
    EXPECT_THAT(check(*tree), ::testing::ElementsAre(HasSubstr("space 4000000 holds")));
}

TEST_F(LmdbDamage, DamagedMetaPagesAreRefused) {
    const std::string whole = read_file();
    std::uint64_t newest = 0;
    {
        const lmdb::OpenedFile opened(file());
        newest = opened.data().newest_meta()->transaction;
    }
    // Magic, version, page size and flags of the main tree, in both meta pages. Its root in the
    // page that is in use.
    for (const std::size_t page : {0u, 4096u}) {
        for (const std::size_t offset : {10u, 16u, 20u, 40u, 92u, 134u}) {
            if (offset == 134 && page != newest % 2 * 4096) continue;
            std::string bytes = whole;
            bytes[page + offset] = static_cast<char>(bytes[page + offset] ^ 0x40);
            write_file(bytes);
            EXPECT_THAT(message_of([&] { reopen(); }), HasSubstr("corrupt: "))
                << page << "+" << offset;
        }
    }
}

/// How far the file goes is written in a page without a checksum. If that is damaged, too,
/// everything that can be read is still saved; only pages outside of the tree are then ignored.
TEST_F(LmdbDamage, ASalvageDoesNotBelieveHowFarTheFileGoes) {
    constexpr std::size_t page_bytes = 4096, flags_at = 10, last_page_at = 136;
    std::string bytes = read_file();
    for (const std::size_t meta : {std::size_t{0}, page_bytes}) {
        bytes[meta + last_page_at + 5] = 0x40;
    }
    std::size_t leaves = 0;
    for (std::size_t at = 2 * page_bytes; at < bytes.size(); at += page_bytes) {
        if (bytes[at + flags_at] == 0x02 && ++leaves % 3 == 0) bytes[at + flags_at] = 0;
    }
    write_file(bytes);
    std::uint64_t visited = 0;
    const auto count = [&](Bytes, Bytes) { ++visited; };
    const lmdb::Salvaged salvaged =
        lmdb::salvage(directory(), {.entry = count, .stray = count, .damaged = count});
    EXPECT_GT(salvaged.pages_lost, 0u);
    EXPECT_EQ(salvaged.pages_found, 0u);
    EXPECT_GT(visited, 0u);
    EXPECT_GE(visited, salvaged.entries);
}

TEST_F(LmdbDamage, OtherFilesAreRefused) {
    write_file("This is a text, and long enough to be one." + std::string(100000, '.'));
    EXPECT_THAT(message_of([&] { reopen(); }), HasSubstr("corrupt: "));
    EXPECT_NE(message_of([&] { open_tree(Kind::lmdb, directory(), OpenMode::create); }),
              "no error");
    EXPECT_EQ(read_file().substr(0, 14), "This is a text") << "nothing was made over it";
}

/// LMDB's file never shrinks; a copy without free pages is smaller.
TEST_F(LmdbDamage, CompactCopyHoldsTheSameInLessSpace) {
    reopen();
    Batch removals;
    for (const auto& [key, value] : Model(model)) {
        if (model.size() <= 100) break;
        removals.erase(key);
        model.erase(key);
    }
    apply(*tree, removals, 13);
    EXPECT_EQ(code_of([&] { lmdb::compact_copy(directory(), scratch / "copy"); }),
              ErrorCode::in_use);
    tree.reset();
    lmdb::compact_copy(directory(), scratch / "copy2");
    EXPECT_LT(std::filesystem::file_size(scratch / "copy2/data.mdb"), read_file().size() / 2);
    EXPECT_EQ(code_of([&] { lmdb::compact_copy(directory(), scratch / "copy2"); }),
              ErrorCode::invalid_argument);
    tree = open_tree(Kind::lmdb, scratch / "copy2", OpenMode::read_write);
    EXPECT_EQ(tree->delivered(), mark_at(13));
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_THAT(check(*tree), IsEmpty());
    apply(*tree, random_batch(1, 1), 14);
}

}  // namespace
}  // namespace amphora::tree::testing
