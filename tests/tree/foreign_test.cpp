#include "tree/foreign.hpp"
#include "tree/mark_record.hpp"
#include "tree/tree_fixture.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace amphora::tree::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// An owner's tree, which is also read page by page and without LMDB, as another process does.
class ForeignTree : public ::testing::Test {
  protected:
    ForeignTree() { create(); }
    void create() { owner = open_tree(Kind::lmdb, directory(), OpenMode::create); }
    void reopen() {
        owner.reset();
        owner = open_tree(Kind::lmdb, directory(), OpenMode::read_write);
    }
    [[nodiscard]] std::string directory() const { return scratch / "tree"; }

    ScratchDirectory scratch;
    std::unique_ptr<Tree> owner;
};

/// What a tree of a property test holds.
struct Shape {
    std::string name;
    std::uint64_t entries = 0;
    std::size_t key_bytes_max = 0;
    std::size_t value_bytes_max = 0;
};

/// Few different bytes, so that many keys have the same beginning.
Buffer random_key(Dice& dice, const Shape& shape) {
    Buffer key = key_in(static_cast<std::uint32_t>(16 + dice.below(3)), "");
    const std::size_t bytes = dice.below(shape.key_bytes_max - 4);
    for (std::size_t i = 0; i < bytes; ++i) key += static_cast<char>(dice.below(4) * 85);
    return key;
}

/// The large values are on overflow pages.
Buffer random_value(Dice& dice, const Shape& shape) {
    const std::size_t bytes = shape.entries == 1   ? shape.value_bytes_max
                              : dice.below(4) == 0 ? dice.below(shape.value_bytes_max)
                                                   : dice.below(60);
    return Buffer(bytes, static_cast<char>('a' + dice.below(26)));
}

class ForeignShapes : public ForeignTree, public ::testing::WithParamInterface<Shape> {
  protected:
    /// In several batches, with removals, so that pages are split, joined and reused.
    void fill(Dice& dice) {
        const Shape& shape = GetParam();
        std::uint64_t sequence = 0;
        for (std::uint64_t put = 0; put < shape.entries;) {
            Batch batch;
            const std::uint64_t end = std::min(shape.entries, put + 1 + shape.entries / 6);
            for (; put < end; ++put) batch.put(random_key(dice, shape), random_value(dice, shape));
            for (const auto& [key, value] : model) {
                if (dice.below(4) == 0) batch.erase(key);
            }
            apply(*owner, batch, ++sequence);
            batch.fold_into(model);
        }
    }
    Model model;
};

INSTANTIATE_TEST_SUITE_P(
    All, ForeignShapes,
    ::testing::Values(
        Shape{.name = "empty"},
        Shape{.name = "one", .entries = 1, .key_bytes_max = 5, .value_bytes_max = 9},
        Shape{.name = "one_large", .entries = 1, .key_bytes_max = 5, .value_bytes_max = 90'000},
        Shape{
            .name = "one_enormous", .entries = 1, .key_bytes_max = 5, .value_bytes_max = 2'000'000},
        Shape{.name = "short_keys", .entries = 20'000, .key_bytes_max = 14, .value_bytes_max = 80},
        Shape{
            .name = "long_keys", .entries = 1'500, .key_bytes_max = 511, .value_bytes_max = 2'000},
        Shape{.name = "large_values",
              .entries = 300,
              .key_bytes_max = 40,
              .value_bytes_max = 40'000}),
    [](const auto& parameter) { return parameter.param.name; });

/// A random move of a cursor.
struct Move {
    std::uint64_t kind;
    Buffer key;
    void make(Cursor& cursor) const {
        switch (kind) {
            case 0:
                cursor.seek(key);
                break;
            case 1:
                cursor.seek_before(key);
                break;
            case 2:
                cursor.narrow_to(key, {});
                break;
            case 3:
            case 4:
            case 5:
                cursor.previous();
                break;
            default:
                cursor.next();
                break;
        }
    }
};

std::string shown(const Cursor& cursor) {
    if (!cursor.valid()) return "nothing";
    return to_hex(cursor.key()) + "=" + Buffer(cursor.value());
}

/// Same entries in both directions, same finds, and the same answer after each of many random
/// moves, as LMDB's own view of the same file gives.
TEST_P(ForeignShapes, AnswerAsLmdbDoes) {
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE("AMPHORA_SEED=" + std::to_string(seed));
    Dice dice(seed);
    fill(dice);
    // With room for no branch page, for a few and for all.
    for (const std::size_t cache_bytes : {0u, 20'000u, 1u << 20}) {
        const auto tree = look_at(directory(), always(), {.cache_bytes = cache_bytes});
        const auto expected = owner->view();
        const auto view = tree->view();
        ASSERT_EQ(view->mark(), expected->mark());
        ASSERT_EQ(view->version(), expected->version());
        ASSERT_EQ(contents(*view), model);
        ASSERT_THAT(check(*tree), IsEmpty());
        ASSERT_EQ(tree->statistics().entries, model.size());
        ASSERT_EQ(tree->statistics().bytes_on_disk, owner->statistics().bytes_on_disk);

        const auto cursor = view->cursor();
        const auto owners_cursor = expected->cursor();
        auto entry = model.rbegin();
        for (cursor->seek_before({}); cursor->valid(); cursor->previous(), ++entry) {
            ASSERT_EQ(shown(*cursor), to_hex(entry->first) + "=" + entry->second);
        }
        ASSERT_EQ(entry, model.rend());
        if (GetParam().entries == 0) continue;
        const int steps = GetParam().entries == 1 ? 40 : 3'000;
        for (int step = 0; step < steps; ++step) {
            Move move{.kind = dice.below(12), .key = random_key(dice, GetParam())};
            if (move.kind < 2 && dice.below(10) == 0) move.key.resize(dice.below(5));
            move.make(*cursor);
            move.make(*owners_cursor);
            ASSERT_EQ(shown(*cursor), shown(*owners_cursor));
            Buffer room;
            const auto found = view->find(move.key, room);
            const auto in_model = model.find(move.key);
            ASSERT_EQ(found.has_value(), in_model != model.end());
            if (found) {
                ASSERT_EQ(*found, in_model->second);
            }
        }
    }
}

/// The copy opens as an owner's tree with the view's contents and mark, and takes deliveries. The
/// owner has delivered since then, and both meta pages are of later transactions.
TEST_P(ForeignShapes, ACopyIsTheViewAsATree) {
    Dice dice(seed_from_environment());
    fill(dice);
    const auto tree = look_at(directory());
    const auto pin = owner->view();
    for (std::uint64_t sequence = 100; sequence < 110; ++sequence) {
        apply(*owner, random_batch(1, sequence), sequence);
    }
    std::uint64_t copied = 0;
    tree->copy_to(scratch / "copy", [&](std::uint64_t bytes) { copied += bytes; });
    EXPECT_EQ(copied, std::filesystem::file_size(scratch / "copy/data.mdb"));

    const auto copy = open_tree(Kind::lmdb, scratch / "copy", OpenMode::read_write);
    EXPECT_EQ(copy->delivered(), tree->delivered());
    EXPECT_EQ(copy->view()->version(), pin->version());
    EXPECT_EQ(contents(*copy->view()), model);
    EXPECT_THAT(check(*copy), IsEmpty());
    for (std::uint64_t sequence = 200; sequence < 205; ++sequence) {
        const Batch batch = random_batch(3, sequence);
        apply(*copy, batch, sequence);
        batch.fold_into(model);
    }
    EXPECT_EQ(contents(*copy->view()), model);
    EXPECT_THAT(check(*copy), IsEmpty());
}

/// Nothing is shown before `show`, and views that were given out stay as they are.
TEST_F(ForeignTree, ShowsTheViewThatItWasTold) {
    apply(*owner, Batch().put(key_in(16, "a"), "1"), 1);
    const auto pin = owner->view();
    const auto tree = look_at(directory());
    const auto before = tree->view();
    apply(*owner, Batch().put(key_in(16, "a"), "2"), 2);
    const auto candidate = tree->take(always());
    EXPECT_EQ(candidate->mark(), mark_at(2));
    EXPECT_EQ(candidate->version(), owner->view()->version());
    EXPECT_EQ(tree->delivered(), mark_at(1));
    EXPECT_EQ(tree->view(), before);
    tree->show(candidate);
    EXPECT_EQ(tree->delivered(), mark_at(2));
    EXPECT_EQ(tree->held(), mark_at(2));
    EXPECT_EQ(contents(*tree->view()), (Model{{key_in(16, "a"), "2"}}));
    EXPECT_EQ(contents(*before), (Model{{key_in(16, "a"), "1"}}));
}

/// A cursor keeps its view, and a view its file, when everything else has gone.
TEST_F(ForeignTree, ACursorOutlivesItsTree) {
    apply(*owner, Batch().put(key_in(16, "a"), "1"), 1);
    auto tree = look_at(directory());
    const auto cursor = tree->view()->cursor();
    tree.reset();
    owner.reset();
    std::filesystem::remove_all(directory());
    cursor->seek({});
    EXPECT_EQ(shown(*cursor), to_hex(key_in(16, "a")) + "=1");
}

/// The validity is asked for by the number of the view, and a refusal is passed on.
TEST_F(ForeignTree, NobodyReadsAViewThatIsNotKept) {
    apply(*owner, Batch().put(key_in(16, "a"), "1"), 1);
    const auto tree = look_at(directory());
    std::uint64_t asked = 0;
    const auto refuse = [&](std::uint64_t version) -> std::shared_ptr<const lmdb::Validity> {
        asked = version;
        expire();
    };
    EXPECT_EQ(code_of([&] { return tree->take(refuse); }), ErrorCode::snapshot_expired);
    EXPECT_EQ(asked, owner->view()->version());
}

TEST_F(ForeignTree, TreesOfOtherDatabasesAreRefused) {
    const auto take_as = [&](const Identity& identity) {
        return code_of([&] { return lmdb::open_foreign(directory(), identity)->take(always()); });
    };
    EXPECT_EQ(take_as(identity_of(8)), ErrorCode::foreign_piece);
    EXPECT_EQ(take_as(identity_of(7, 2)), ErrorCode::foreign_piece);
    EXPECT_EQ(take_as(identity_of(7)), std::nullopt);
}

TEST_F(ForeignTree, ATreeThatIsBeingMadeIsNoneYet) {
    EXPECT_EQ(code_of([&] { return look_at(scratch / "nowhere"); }), ErrorCode::not_a_database);
    std::filesystem::create_directory(scratch / "new");
    const std::string file = scratch / "new/data.mdb";
    std::ofstream{file};
    EXPECT_EQ(code_of([&] { return look_at(scratch / "new"); }), ErrorCode::not_a_database);
    // LMDB has written its first two pages, and the mark not yet.
    lmdb::Meta meta;
    meta.page_bytes = 4096;
    meta.last_page = 1;
    std::ofstream(file) << lmdb::encode_meta_page(meta, 0, 0) << lmdb::encode_meta_page(meta, 1, 0);
    EXPECT_EQ(code_of([&] { return look_at(scratch / "new"); }), ErrorCode::not_a_database);
}

/// The open file is still the old one, whole. Only a new opening shows the file that took its name.
TEST_F(ForeignTree, AReplacedFileIsNoticedAndStaysReadable) {
    Model model;
    const Batch batch = random_batch(2, 1, 400);
    apply(*owner, batch, 1);
    batch.fold_into(model);
    const auto tree = look_at(directory());
    EXPECT_FALSE(tree->is_replaced());
    owner.reset();
    lmdb::compact_copy(directory(), scratch / "compact");
    std::filesystem::rename(scratch / "compact/data.mdb", directory() + "/data.mdb");
    std::filesystem::remove(directory() + "/lock.mdb");
    EXPECT_TRUE(tree->is_replaced());
    EXPECT_EQ(contents(*tree->view()), model);
    EXPECT_EQ(contents(*tree->take(always())), model);

    reopen();
    apply(*owner, Batch().put(key_in(16, "new"), "1"), 2);
    EXPECT_EQ(tree->take(always())->mark(), mark_at(1));
    EXPECT_EQ(look_at(directory())->delivered(), mark_at(2));
    std::filesystem::remove(directory() + "/data.mdb");
    EXPECT_TRUE(tree->is_replaced());
}

TEST_F(ForeignTree, IsOnlyRead) {
    const auto tree = look_at(directory());
    EXPECT_EQ(code_of([&] { apply(*tree, Batch().put(key_in(16, "a"), "1"), 1); }),
              ErrorCode::read_only);
    EXPECT_EQ(code_of([&] { tree->compact(); }), ErrorCode::read_only);
    EXPECT_EQ(tree->room_for({}, 0), Tree::Room::none);
}

}  // namespace
}  // namespace amphora::tree::testing
