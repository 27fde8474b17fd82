#include "outbox/key_index.hpp"

#include "outbox/pending_table.hpp"

#include <atomic>
#include <map>
#include <string>
#include <thread>

namespace amphora::outbox {
namespace {

std::string key_of(int number) {
    return "key " + std::to_string(number);
}

/// A list and its index.
struct Indexed {
    SkipList::Entry* add(const std::string& key) {
        list.reserve(key.size(), 1);
        index.reserve(1);
        SkipList::Finger finger;
        SkipList::Entry& entry = list.insert_new(key, 1, Bytes{}, finger);
        index.add(KeyIndex::hash(key), entry);
        return &entry;
    }
    [[nodiscard]] const SkipList::Entry* find(const std::string& key) const {
        return index.find(key, KeyIndex::hash(key));
    }
    SkipList list{4096, 65536, nullptr};
    KeyIndex index;
};

/// Each key is found, and no other key is.
TEST(KeyIndexTest, FindsEachKey) {
    constexpr int keys = 20'000;
    Indexed indexed;
    std::map<std::string, const SkipList::Entry*> entries;
    for (int i = 0; i < keys; ++i) entries[key_of(i)] = indexed.add(key_of(i));
    for (const auto& [key, entry] : entries) ASSERT_EQ(indexed.find(key), entry);
    for (int i = 0; i < keys; ++i) ASSERT_EQ(indexed.find(key_of(-1 - i)), nullptr);
    // Of eight bytes each, at most a quarter unused in all parts but the last, which is four times
    // as large as the one before it.
    EXPECT_LE(indexed.index.memory_bytes(), 8u * keys * 4 / 3 * 5);
}

/// A small table takes little memory, and one with room for many keys at once takes it at once.
TEST(KeyIndexTest, GrowsWithItsKeys) {
    KeyIndex index;
    EXPECT_EQ(index.memory_bytes(), 0u);
    index.reserve(1);
    EXPECT_LE(index.memory_bytes(), 4096u);
    const std::size_t small = index.memory_bytes();
    index.reserve(100);
    EXPECT_EQ(index.memory_bytes(), small);
    index.reserve(100'000);
    EXPECT_GE(index.memory_bytes(), 8u * 100'000);
}

/// A table shows the newest version as of each commit, however many newer ones there are.
TEST(PendingTableTest, FindsTheVersionAsOfEachCommit) {
    PendingTable table{Sequence{}, 65536, nullptr};
    constexpr std::uint64_t commits = 2000;
    constexpr std::uint64_t keys = 200;
    for (std::uint64_t commit = 1; commit <= commits; ++commit) {
        SkipList::Finger finger;
        // Key 0 is in every commit, the others in each two-hundredth.
        const std::string often = key_of(1'000'000), seldom = key_of(2'000'000 + commit % keys);
        const std::string value = std::to_string(commit);
        table.reserve(often.size() + seldom.size() + 2 * value.size(), 2);
        table.insert(often, Sequence{commit}, value, finger);
        table.insert(seldom, Sequence{commit}, value, finger);
    }
    const auto find = [&](int key, std::uint64_t as_of) -> std::uint64_t {
        const std::string text = key_of(key);
        const auto* const version = table.find(text, KeyIndex::hash(text), Sequence{as_of});
        return version == nullptr ? 0 : version->stamp();
    };
    for (std::uint64_t as_of = 0; as_of <= commits; as_of += 7) {
        ASSERT_EQ(find(1'000'000, as_of), as_of);
        for (std::uint64_t key = 0; key < keys; key += 3) {
            // The last commit up to `as_of` of those that leave `key` when divided by `keys`.
            const std::uint64_t first = key == 0 ? keys : key;
            const std::uint64_t expected =
                as_of < first ? 0 : first + (as_of - first) / keys * keys;
            ASSERT_EQ(find(static_cast<int>(2'000'000 + key), as_of), expected);
        }
    }
    EXPECT_EQ(find(3, commits), 0u);
}

/// Readers find every key that was complete when they looked, while one thread adds.
TEST(KeyIndexTest, IsReadWhileKeysAreAdded) {
    constexpr int keys = 20'000;
    Indexed indexed;
    std::atomic<int> added{0};
    std::atomic<bool> is_missing{false};
    std::thread reader{[&] {
        while (added.load() < keys) {
            const int last = added.load() - 1;
            if (last < 0) continue;
            const auto* const entry = indexed.find(key_of(last));
            if (entry == nullptr || entry->key() != key_of(last)) is_missing = true;
        }
    }};
    for (int i = 0; i < keys; ++i) {
        indexed.add(key_of(i));
        added.store(i + 1);
    }
    reader.join();
    EXPECT_FALSE(is_missing);
}

}  // namespace
}  // namespace amphora::outbox
