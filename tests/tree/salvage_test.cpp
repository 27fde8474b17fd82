#include "tree/rocks/salvage/salvage.hpp"
#include "tree/tree_fixture.hpp"

#include <algorithm>
#include <fstream>

namespace amphora::tree::testing {
namespace {

class Salvage : public ::testing::Test {
  protected:
    [[nodiscard]] std::string directory() const { return scratch / "tree"; }
    void fill(Kind kind) {
        const auto tree = open_tree(kind, directory(), OpenMode::create);
        Batch batch;
        for (int i = 1000; i < 3000; ++i) {
            batch.put(key_in(20, std::to_string(i)), "value of " + std::to_string(i));
        }
        apply(*tree, batch, 1);
        batch.fold_into(model);
        tree->hold();
    }
    [[nodiscard]] std::string largest_table() const {
        std::string largest;
        for (const auto& entry : std::filesystem::directory_iterator(directory())) {
            if (entry.path().extension() != ".sst") continue;
            if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) {
                largest = entry.path();
            }
        }
        return largest;
    }
    static void flip(const std::string& path, std::size_t offset) {
        std::string bytes = read_whole(path);
        bytes.at(offset) ^= 1;
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    }

    ScratchDirectory scratch;
    Model model;
};

struct Found {
    Model entries;
    Model doubtful;
    rocks::Salvaged salvaged;

    Found(const std::string& directory, const std::string& scratch) {
        rocks::SalvageVisitor visitor;
        visitor.entry = [&](Bytes key, Bytes value) {
            entries.insert_or_assign(Buffer{key}, Buffer{value});
        };
        visitor.doubtful = [&](Bytes key, Bytes value) {
            doubtful.insert_or_assign(Buffer{key}, Buffer{value});
        };
        salvaged = rocks::salvage(directory, scratch, restless_rocks(), visitor);
    }
    [[nodiscard]] bool is_in_a_gap(Bytes key) const {
        return std::ranges::any_of(salvaged.gaps, [&](const rocks::Gap& gap) {
            return Bytes{gap.after} <= key && key <= Bytes{gap.before};
        });
    }
};

/// A block of a table file does not verify: everything after it is read, and everything that is
/// read is what was written.
TEST_F(Salvage, ADamagedBlockCostsOnlyItsOwnDocuments) {
    fill(Kind::rocks);
    flip(largest_table(), 100);
    const Found found{directory(), scratch / "scratch"};
    ASSERT_EQ(found.salvaged.gaps.size(), 1u);
    EXPECT_EQ(found.salvaged.gaps.front().offset, 0u);
    EXPECT_GT(found.entries.size(), model.size() / 2);
    EXPECT_LT(found.entries.size(), model.size());
    for (const auto& [key, value] : found.entries) EXPECT_EQ(model.at(key), value);
}

/// Two blocks are damaged and one between them is not. Skipping damage in ever larger steps once
/// skipped that block, too, and reported all of it as lost with the first block.
TEST_F(Salvage, WhatLiesBetweenTwoDamagedBlocksIsRead) {
    fill(Kind::rocks);
    const std::string table = largest_table();
    const std::string whole = read_whole(table);
    // Each block holds more than a hundred of these entries. Halfway between the first damage and
    // the end of the file is the second one.
    for (const char* const value : {"value of 1300", "value of 2000"}) {
        flip(table, whole.find(value));
    }
    const Found found{directory(), scratch / "scratch"};
    EXPECT_EQ(found.salvaged.gaps.size(), 2u);
    for (const rocks::Gap& gap : found.salvaged.gaps) {
        const auto after = model.upper_bound(gap.after);
        EXPECT_LT(std::distance(after, model.lower_bound(gap.before)), 500);
        EXPECT_FALSE(found.entries.contains(after->first));
    }
    EXPECT_TRUE(found.entries.contains(key_in(20, "1700")));
    for (const auto& [key, value] : model) {
        EXPECT_TRUE(found.entries.contains(key) || found.is_in_a_gap(key)) << key.substr(4);
    }
}

/// The first key after a damaged block differs from the boundary in the index only in a zero at its
/// end. A search by number once took the two for one key, and went on after it.
TEST_F(Salvage, AKeyThatEndsWithAZeroAfterADamagedBlockIsRead) {
    auto tree = open_tree(Kind::rocks, directory(), OpenMode::create);
    Batch batch;
    for (int i = 1; i < 250; ++i) {
        const Buffer name{static_cast<char>(i), '\0'};
        batch.put(key_in(20, name), std::to_string(i) + std::string(300, '.'));
    }
    apply(*tree, batch, 1);
    batch.fold_into(model);
    tree->hold();
    tree.reset();
    const std::string table = largest_table();
    flip(table, std::filesystem::file_size(table) / 2);
    const Found found{directory(), scratch / "scratch"};
    ASSERT_EQ(found.salvaged.gaps.size(), 1u);
    const auto view = open_tree(Kind::rocks, directory(), OpenMode::read_only)->view();
    Buffer buffer;
    std::size_t readable = 0;
    for (const auto& [key, value] : model) {
        bool is_read = false;
        static_cast<void>(code_of([&] {
            is_read = view->find(key, buffer).has_value();
            return 0;
        }));
        EXPECT_EQ(found.entries.contains(key), is_read) << static_cast<int>(key.at(key.size() - 2));
        readable += is_read ? 1 : 0;
    }
    EXPECT_GT(readable, 200u);
    EXPECT_LT(readable, model.size());
}

/// A newer file has a damaged block. The versions that an older file has of the keys in it may have
/// been replaced or removed: they are reported as doubtful, and not dropped. Keys that the newer
/// file does not have are sound.
TEST_F(Salvage, AnOlderVersionUnderADamagedBlockIsDoubtful) {
    auto tree = open_tree(Kind::rocks, directory(), OpenMode::create);
    Batch older;
    for (int i = 1000; i < 1100; ++i) older.put(key_in(20, std::to_string(i)), "older");
    apply(*tree, older, 1);
    tree->hold();
    Batch newer;
    for (int i = 1000; i < 1100; i += 10) newer.put(key_in(20, std::to_string(i)), "newer version");
    newer.erase(key_in(20, "1001"));
    apply(*tree, newer, 2);
    tree->hold();
    tree.reset();
    for (const auto& entry : std::filesystem::directory_iterator(directory())) {
        const std::size_t place = read_whole(entry.path()).find("newer version");
        if (entry.path().extension() == ".sst" && place != std::string::npos) {
            flip(entry.path(), place);
        }
    }
    const Found found{directory(), scratch / "scratch"};
    EXPECT_FALSE(found.salvaged.gaps.empty());
    for (const char* const key : {"1000", "1001", "1090"}) {
        EXPECT_FALSE(found.entries.contains(key_in(20, key))) << key;
        EXPECT_TRUE(found.doubtful.contains(key_in(20, key))) << key;
    }
    // The filter is right for nearly all keys that a file does not have.
    EXPECT_GT(found.entries.size(), 80u);
    EXPECT_EQ(found.entries.size() + found.doubtful.size(), 100u);
}

/// Many databases, with several levels of several files, and damage in several places of several
/// files. Every entry that a reader of the damaged tree finds by key is salvaged, with the same
/// value. Every other entry is salvaged or is in a gap that is named. Nothing is salvaged that was
/// removed.
TEST_F(Salvage, EverythingThatAReaderFindsIsSaved) {
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE(seed);
    auto tree = open_tree(Kind::rocks, directory(), OpenMode::create);
    for (std::uint64_t sequence = 1; sequence <= 400; ++sequence) {
        const Batch batch = random_batch(seed, sequence);
        apply(*tree, batch, sequence);
        batch.fold_into(model);
        if (sequence % 40 == 0) tree->hold();
    }
    tree->hold();
    tree.reset();
    const std::string sound = directory();
    std::vector<std::string> tables;
    const auto look_for_tables = [&] {
        tables.clear();
        for (const auto& entry : std::filesystem::directory_iterator(sound)) {
            if (entry.path().extension() == ".sst") tables.push_back(entry.path().filename());
        }
    };
    look_for_tables();
    // A compaction may have merged all of them.
    for (std::uint64_t sequence = 401; sequence <= 410 && tables.size() < 2; ++sequence) {
        tree = open_tree(Kind::rocks, sound, OpenMode::read_write);
        const Batch batch = random_batch(seed, sequence);
        apply(*tree, batch, sequence);
        batch.fold_into(model);
        tree->hold();
        tree.reset();
        look_for_tables();
    }
    ASSERT_GT(tables.size(), 1u);
    std::ranges::sort(tables);

    std::uint64_t gaps = 0;
    for (std::uint64_t round = 0; round < 10 * scale_from_environment(); ++round) {
        Dice dice{seed + round};
        const std::string damaged = scratch / "damaged";
        std::filesystem::remove_all(damaged);
        std::filesystem::copy(sound, damaged, std::filesystem::copy_options::recursive);
        for (std::uint64_t bits = 1 + dice.below(12); bits > 0; --bits) {
            const std::string table = damaged + "/" + tables[dice.below(tables.size())];
            flip(table, dice.below(std::filesystem::file_size(table)));
        }
        SCOPED_TRACE(round);
        const Found found{damaged, scratch / "scratch"};
        gaps += found.salvaged.gaps.size();
        for (const auto& [key, value] : found.entries) {
            const auto written = model.find(key);
            ASSERT_NE(written, model.end()) << "removed: " << key.substr(4);
            EXPECT_EQ(written->second, value);
        }
        std::shared_ptr<const ReadView> view;
        static_cast<void>(code_of([&] {
            view = open_tree(Kind::rocks, damaged, OpenMode::read_only)->view();
            return 0;
        }));
        for (const auto& [key, value] : model) {
            if (found.entries.contains(key)) continue;
            EXPECT_TRUE(found.is_in_a_gap(key) || found.doubtful.contains(key)) << key.substr(4);
            if (!view) continue;
            Buffer buffer;
            std::optional<Bytes> read;
            static_cast<void>(code_of([&] {
                read = view->find(key, buffer);
                return 0;
            }));
            EXPECT_FALSE(read.has_value()) << "was not saved: " << key.substr(4);
        }
    }
    EXPECT_GT(gaps, 0u);
}

}  // namespace
}  // namespace amphora::tree::testing
