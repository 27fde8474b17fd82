#include "tree/foreign.hpp"
#include "tree/lmdb/file_check.hpp"
#include "tree/tree_fixture.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace amphora::tree::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::size_t page_bytes = 4096;

/// The owner has gone, and its file is damaged: a reader of another process may be told so, but
/// never crashes and never shows what was not delivered.
class ForeignDamage : public ::testing::Test {
  protected:
    void SetUp() override {
        auto owner = open_tree(Kind::lmdb, scratch / "made", OpenMode::create);
        for (std::uint64_t sequence = 1; sequence <= 12; ++sequence) {
            const Batch batch = random_batch(2, sequence, 400);
            apply(*owner, batch, sequence);
            batch.fold_into(model);
        }
        Batch deep;  // branch pages below branch pages
        for (int i = 0; i < 300; ++i) {
            deep.put(key_in(17, std::to_string(i) + Buffer(480, 'k')), std::to_string(i));
        }
        apply(*owner, deep, 13);
        deep.fold_into(model);
        owner.reset();
        // Without free pages: their old contents are valid, and only `check` would know them.
        lmdb::compact_copy(scratch / "made", directory());
        write_at(0, lmdb::encode_meta_page(newest_meta(), 0, 2));
        whole = read_whole(file());
    }
    [[nodiscard]] lmdb::Meta newest_meta() const {
        const lmdb::OpenedFile opened(file());
        return opened.data().newest_meta().value();
    }
    [[nodiscard]] std::string directory() const { return scratch / "tree"; }
    [[nodiscard]] std::string file() const { return directory() + "/data.mdb"; }
    void write_at(std::size_t offset, Bytes bytes) const {
        const int descriptor = ::open(file().c_str(), O_WRONLY | O_CLOEXEC);
        ASSERT_EQ(::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
                  static_cast<ssize_t>(bytes.size()));
        ::close(descriptor);
    }

    ScratchDirectory scratch;
    Model model;
    std::string whole;
};

/// What a reader saw of a damaged file.
struct Seen {
    bool is_refused = false;  ///< by any of the readings, as `corrupt`
    bool has_missed = false;  ///< a `find` did not find an entry
    std::string wrong;        ///< a wrong entry, a walk that left one out, or another kind of error
};

class Reader {
  public:
    Reader(const lmdb::ForeignTree& tree, const Model& model) : tree_{tree}, model_{model} {}

    [[nodiscard]] Seen read() {
        std::shared_ptr<const lmdb::ForeignView> view;
        attempt([&] { view = tree_.take(always()); });
        if (!view) return seen_;
        attempt([&] {
            const auto cursor = view->cursor();
            auto expected = model_.begin();
            for (cursor->seek({}); cursor->valid(); cursor->next()) {
                compare(*cursor, expected == model_.end() ? nullptr : &*expected++);
            }
            if (expected != model_.end()) seen_.wrong = "a walk forward ends early";
        });
        attempt([&] {
            const auto cursor = view->cursor();
            auto expected = model_.rbegin();
            for (cursor->seek_before({}); cursor->valid(); cursor->previous()) {
                compare(*cursor, expected == model_.rend() ? nullptr : &*expected++);
            }
            if (expected != model_.rend()) seen_.wrong = "a walk backward ends early";
        });
        Buffer room;
        for (const auto& [key, value] : model_) {
            attempt([&] {
                const auto found = view->find(key, room);
                seen_.has_missed |= !found;
                if (found && *found != value) seen_.wrong = "found a wrong value";
            });
        }
        return seen_;
    }

  private:
    void attempt(const std::function<void()>& read) {
        const auto code = code_of(read);
        if (!code) return;
        seen_.is_refused = true;
        if (*code != ErrorCode::corrupt) seen_.wrong = to_string(*code);
    }
    void compare(const Cursor& cursor, const Model::value_type* expected) {
        if (expected == nullptr || expected->first != cursor.key() ||
            expected->second != cursor.value()) {
            seen_.wrong = "a walk shows a wrong entry";
        }
    }

    const lmdb::ForeignTree& tree_;
    const Model& model_;
    Seen seen_;
};

/// One bit is flipped, or the bytes of a page are of another page, or random, or zero. All that is
/// shown is right, and walks are complete. If a `find` misses an entry, `check` finds the damage.
TEST_F(ForeignDamage, ShowsWhatIsRightOrSaysWhatIsWrong) {
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE("AMPHORA_SEED=" + std::to_string(seed));
    Dice dice(seed);
    const auto tree = lmdb::open_foreign(directory(), identity_of(7));
    const std::size_t pages = whole.size() / page_bytes;
    int refused = 0;
    const std::uint64_t rounds = 200 * scale_from_environment();
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const std::size_t page = dice.below(20) == 0 ? dice.below(2) : 2 + dice.below(pages - 2);
        std::string damaged = whole.substr(page * page_bytes, page_bytes);
        const std::size_t at = dice.below(2) == 0 ? dice.below(64) : dice.below(page_bytes);
        switch (dice.below(6)) {
            case 0:
                damaged = whole.substr((2 + dice.below(pages - 2)) * page_bytes, page_bytes);
                if (dice.below(2) == 0) damaged.replace(0, 8, whole, page * page_bytes, 8);
                break;
            case 1:
                for (std::size_t i = at; i < std::min(at + 64, page_bytes); ++i) {
                    damaged[i] = static_cast<char>(dice.roll());
                }
                break;
            case 2:
                damaged.replace(at, page_bytes - at, page_bytes - at, '\0');
                break;
            default:
                damaged[at] = static_cast<char>(damaged[at] ^ (1 << dice.below(8)));
                break;
        }
        write_at(page * page_bytes, damaged);
        const Seen seen = Reader(*tree, model).read();
        std::vector<std::string> findings;
        const auto check_all = [&] {
            tree->show(tree->take(always()));
            findings = check(*tree);
        };
        const bool is_found = code_of(check_all).has_value() || !findings.empty();
        EXPECT_EQ(seen.wrong, "") << "page " << page << ", offset " << at << ", round " << round;
        EXPECT_TRUE(!seen.has_missed || is_found) << "page " << page << ", offset " << at;
        refused += seen.is_refused ? 1 : 0;
        write_at(page * page_bytes, Bytes(whole).substr(page * page_bytes, page_bytes));
    }
    EXPECT_GT(refused, static_cast<int>(rounds / 4));
}

/// The message has the file and the page.
TEST_F(ForeignDamage, AnImpossiblePageIsNamed) {
    const std::uint64_t root = newest_meta().main.root;
    write_at(root * page_bytes + 10, Bytes("\x77", 1));
    try {
        static_cast<void>(look_at(directory()));
        FAIL() << "the root is no page";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::corrupt);
        EXPECT_THAT(error.what(), HasSubstr(file() + ": page " + std::to_string(root)));
    }
}

/// A value that a flipped bit has changed is refused by finds and by cursors.
TEST_F(ForeignDamage, AValueThatDoesNotVerifyIsNeverShown) {
    const Buffer key = model.begin()->first;
    const std::string entry = key + model.begin()->second;
    const std::size_t at = whole.rfind(entry);
    ASSERT_NE(at, std::string::npos);
    for (std::size_t place = 0; (place = whole.find(entry, place)) != std::string::npos; ++place) {
        const char flipped = static_cast<char>(whole[place + key.size()] ^ 1);
        write_at(place + key.size(), Bytes(&flipped, 1));
    }
    const auto view = look_at(directory())->view();
    Buffer room;
    EXPECT_EQ(code_of([&] { return view->find(key, room); }), ErrorCode::corrupt);
    const auto cursor = view->cursor();
    EXPECT_EQ(code_of([&] { cursor->seek(key); }), ErrorCode::corrupt);
    EXPECT_FALSE(cursor->valid());
}

/// Two entries of each leaf in turn have changed places, which no checksum shows.
TEST_F(ForeignDamage, EntriesInTheWrongOrderAreNoticed) {
    constexpr std::size_t flags_at = 10, offsets_at = 16;
    const auto tree = lmdb::open_foreign(directory(), identity_of(7));
    int swapped = 0;
    for (std::size_t page = 2 * page_bytes; page < whole.size(); page += page_bytes) {
        if (whole[page + flags_at] != 0x02 || whole[page + 12] < 24) continue;
        ++swapped;
        const std::string second = whole.substr(page + offsets_at + 2, 2);
        write_at(page + offsets_at + 2, whole.substr(page + offsets_at + 4, 2) + second);
        const Seen seen = Reader(*tree, model).read();
        EXPECT_TRUE(seen.is_refused);
        EXPECT_EQ(seen.wrong, "");
        write_at(page, Bytes(whole).substr(page, page_bytes));
    }
    EXPECT_GT(swapped, 5);
}

/// A file that ends before its last page is an error, and no signal.
TEST_F(ForeignDamage, AShortFileIsAnError) {
    const auto tree = lmdb::open_foreign(directory(), identity_of(7));
    std::uint64_t bytes = whole.size() - 100;
    for (; bytes > 2 * page_bytes; bytes -= std::min<std::uint64_t>(bytes, 7 * page_bytes)) {
        std::filesystem::resize_file(file(), bytes);
        const Seen seen = Reader(*tree, model).read();
        EXPECT_EQ(seen.wrong, "");
        EXPECT_TRUE(seen.is_refused);
        const auto copy = [&] {
            tree->show(tree->take(always()));
            tree->copy_to(scratch / "copy", [](std::uint64_t) {});
        };
        EXPECT_EQ(code_of(copy), ErrorCode::corrupt);
        EXPECT_FALSE(std::filesystem::exists(scratch / "copy"));
    }
}

/// A meta page that leads far beyond the end of the file costs no memory.
TEST_F(ForeignDamage, AFileThatClaimsToBeEnormousIsRefused) {
    constexpr std::size_t last_page_at = 136;
    for (const std::size_t meta : {std::size_t{0}, page_bytes}) {
        write_at(meta + last_page_at + 5, Bytes("\x40", 1));
    }
    EXPECT_EQ(code_of([&] { return look_at(directory()); }), ErrorCode::corrupt);
}

}  // namespace
}  // namespace amphora::tree::testing
