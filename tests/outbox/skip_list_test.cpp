#include "outbox/skip_list_fill.hpp"

#include "support/random.hpp"

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace amphora::outbox {
namespace {

/// What the list should be: every version of every key.
using Versions = std::map<std::string, std::map<std::uint64_t, std::optional<std::string>>>;

SkipList make_list(std::shared_ptr<MemoryCount> count = nullptr) {
    return SkipList{4096, 65536, std::move(count)};
}

void insert(SkipList& list, Bytes key, std::uint64_t stamp, std::optional<Bytes> value) {
    list.reserve(key.size() + (value ? value->size() : 0), 1);
    list.insert(key, stamp, value);
}

std::string random_key(support::Random& random) {
    std::string key(1 + random() % 3, '\0');
    for (char& byte : key) byte = static_cast<char>("\0\1ab\xff"[random() % 5]);
    return key;
}

/// Every version of every key, in the order of keys, the newest first; and each entry is found from
/// the top, so the upper levels are right.
Versions content_of(const SkipList& list) {
    Versions content;
    std::string before;
    for (const SkipList::Entry* entry = list.first(); entry != nullptr; entry = entry->next()) {
        const std::string key{std::string_view{entry->key()}};
        EXPECT_TRUE(content.empty() || before < key);
        EXPECT_EQ(list.seek(entry->key()), entry);
        before = key;
        std::uint64_t above = UINT64_MAX;
        for (const auto* version = &entry->newest(); version != nullptr;
             version = version->older()) {
            EXPECT_LT(version->stamp(), above);
            EXPECT_EQ(version->key(), entry->key());
            above = version->stamp();
            auto& stored = content[key][version->stamp()];
            if (!version->is_removal()) stored = std::string{std::string_view{version->value()}};
        }
    }
    return content;
}

/// Insertions in ascending order with a finger, as a commit makes them, leave the list that searches
/// from the top leave.
TEST(SkipListTest, AFingerFindsTheSamePlaces) {
    support::Random random;
    for (int round = 0; round < 30; ++round) {
        SkipList fingered = make_list(), searched = make_list();
        std::uint64_t stamp = 0;
        for (int commit = 0; commit < 40; ++commit) {
            std::map<std::string, std::string> changes;
            for (std::uint64_t i = random() % 60; i > 0; --i) {
                changes[random_key(random)] = std::to_string(random() % 100);
            }
            ++stamp;
            SkipList::Finger finger;
            for (const auto& [key, value] : changes) {
                fingered.reserve(key.size() + value.size(), 1);
                if (fingered.find(key, UINT64_MAX) != nullptr) {
                    insert(fingered, key, stamp, value);
                } else {
                    fingered.insert_new(key, stamp, value, finger);
                }
                insert(searched, key, stamp, value);
            }
        }
        ASSERT_EQ(content_of(fingered), content_of(searched)) << random.seed_text();
    }
}

/// A key has many versions. A reader at S sees, of each key, the newest version at or below S, in
/// the order of keys and backwards, whatever came later.
TEST(SkipListTest, ShowsTheNewestVersionAtOrBelowAStamp) {
    support::Random random;
    for (int round = 0; round < 30; ++round) {
        SkipList list = make_list();
        Versions model;
        const std::uint64_t stamps = 1 + random() % 400;
        for (std::uint64_t stamp = 1; stamp <= stamps; ++stamp) {
            const std::string key = random_key(random);
            if (random() % 4 == 0) {
                insert(list, key, stamp, std::nullopt);
                model[key][stamp] = std::nullopt;
            } else {
                const std::string value(random() % 20, static_cast<char>('a' + stamp % 26));
                insert(list, key, stamp, value);
                model[key][stamp] = value;
            }
        }
        const std::uint64_t as_of = random() % (stamps + 2);
        std::map<std::string, std::optional<std::string>> expected;
        for (const auto& [key, versions] : model) {
            auto after = versions.upper_bound(as_of);
            if (after != versions.begin()) expected[key] = std::prev(after)->second;
        }
        const auto check = [&](const SkipList::Version* node, const auto& expectation) {
            ASSERT_NE(node, nullptr);
            EXPECT_EQ(node->key(), expectation.first);
            EXPECT_EQ(node->is_removal(), !expectation.second.has_value());
            if (expectation.second) {
                EXPECT_EQ(node->value(), *expectation.second);
            }
        };
        SkipCursor cursor{list, as_of};
        cursor.seek_first();
        for (const auto& entry : expected) {
            check(cursor.version(), entry);
            cursor.next();
        }
        EXPECT_EQ(cursor.version(), nullptr);
        cursor.seek_last();
        for (auto entry = expected.rbegin(); entry != expected.rend(); ++entry) {
            check(cursor.version(), *entry);
            cursor.previous();
        }
        EXPECT_EQ(cursor.version(), nullptr);
        for (int probe = 0; probe < 50; ++probe) {
            const std::string key = random_key(random);
            const auto at = expected.lower_bound(key);
            cursor.seek(key);
            if (at == expected.end()) {
                EXPECT_EQ(cursor.version(), nullptr);
            } else {
                check(cursor.version(), *at);
            }
            cursor.seek_before(key);
            if (at == expected.begin()) {
                EXPECT_EQ(cursor.version(), nullptr);
            } else {
                check(cursor.version(), *std::prev(at));
            }
            const auto exact = expected.find(key);
            const SkipList::Version* const found = list.find(key, as_of);
            if (exact == expected.end()) {
                EXPECT_EQ(found, nullptr);
            } else {
                check(found, *exact);
            }
        }
        if (HasFailure()) {
            ADD_FAILURE() << random.seed_text();
            return;
        }
    }
}

/// A list that recovery fills in any order, and links at the end, is found, walked and added to
/// like a list in which each entry was inserted.
TEST(SkipListTest, AFilledListIsAsIfInserted) {
    support::Random random;
    SCOPED_TRACE(random.seed_text());
    for (int round = 0; round < 30; ++round) {
        SkipList inserted = make_list();
        SkipList filled = make_list();
        {
            SkipListFill fill{filled};
            std::map<std::string, SkipList::Entry*> known;
            const std::uint64_t stamps = 1 + random() % 300;
            for (std::uint64_t stamp = 1; stamp <= stamps; ++stamp) {
                // Some differ only after the bytes that are kept with the pointer.
                const std::string key =
                    (random.once_in(2) ? std::string(22, 'k') : "") + random_key(random);
                const std::string value = std::to_string(random());
                const auto given = random.once_in(4) ? std::nullopt : std::optional<Bytes>{value};
                insert(inserted, key, stamp, given);
                if (SkipList::Entry* const entry = known[key]) {
                    filled.reserve(value.size(), 1);
                    filled.add(*entry, stamp, given);
                } else {
                    known[key] = &fill.add(key, stamp, given);
                }
            }
            fill.finish();
        }
        for (const char* const late : {"", "a", "kkkkkkkkkkkkkkkkkkkkkkb"}) {
            insert(inserted, late, 1000, Bytes{"late"});
            insert(filled, late, 1000, Bytes{"late"});
        }
        EXPECT_EQ(filled.versions(), inserted.versions());
        EXPECT_EQ(filled.used_bytes(), inserted.used_bytes());
        EXPECT_EQ(content_of(filled), content_of(inserted));
        EXPECT_EQ(filled.last()->key(), inserted.last()->key());
    }
}

/// A counter that every commit writes has as many versions as there are commits. Neither stepping
/// over it nor finding an old version may take as many steps for every reader.
TEST(SkipListTest, StepsOverAKeyWithManyVersions) {
    SkipList list = make_list();
    constexpr std::uint64_t last = 300'000;
    insert(list, "a", 1, "first");
    for (std::uint64_t stamp = 2; stamp < last; ++stamp) insert(list, "b", stamp, "counter");
    insert(list, "c", last, "last");
    for (std::uint64_t stamp = 2; stamp < last; ++stamp) {
        ASSERT_EQ(list.find("b", stamp)->stamp(), stamp);
    }
    for (int i = 0; i < 20'000; ++i) {
        SkipCursor cursor{list, 1'000'000};
        cursor.seek("b");
        cursor.next();
        ASSERT_EQ(cursor.version()->key(), "c");
        cursor.previous();
        ASSERT_EQ(cursor.version()->stamp(), last - 1);
        SkipCursor early{list, 1};
        early.seek("b");
        ASSERT_EQ(early.version(), nullptr);
    }
}

/// Many later entries are between the ones that a cursor shows. Its search for one ends at the
/// bounds of its range, in either direction, and not at the next entry that it shows.
TEST(SkipListTest, ASeekEndsWhereItsRangeEnds) {
    SkipList list = make_list();
    insert(list, "a", 1, "shown");
    for (int i = 1000; i < 3000; ++i) insert(list, "m" + std::to_string(i), 2, "later");
    insert(list, "z", 1, "shown");
    SkipCursor cursor{list, 1};
    cursor.seek("l");
    EXPECT_EQ(cursor.version()->key(), "z");
    cursor.narrow_to("l", "m");
    cursor.seek("l");
    EXPECT_EQ(cursor.version(), nullptr);
    cursor.narrow_to("", "");
    cursor.seek_before("o");
    EXPECT_EQ(cursor.version()->key(), "a");
    cursor.narrow_to("n", "o");
    cursor.seek_before("o");
    EXPECT_EQ(cursor.version(), nullptr);
    // What is inside is found.
    cursor.narrow_to("a", "b");
    cursor.seek("a");
    EXPECT_EQ(cursor.version()->key(), "a");
    cursor.seek_before("b");
    EXPECT_EQ(cursor.version()->key(), "a");
    cursor.next();
    EXPECT_EQ(cursor.version(), nullptr);
}

/// Withdrawn versions uncover the ones below them.
TEST(SkipListTest, HidesWhatWasWithdrawn) {
    SkipList list = make_list();
    insert(list, "a", 1, "one");
    list.reserve(100, 2);
    list.insert("a", 2, "two").withdraw();
    list.insert("b", 3, "other").withdraw();
    EXPECT_EQ(list.find("a", 9)->value(), "one");
    EXPECT_EQ(list.find("b", 9), nullptr);
    SkipCursor cursor{list, 9};
    cursor.seek_first();
    EXPECT_EQ(cursor.version()->value(), "one");
    cursor.next();
    EXPECT_EQ(cursor.version(), nullptr);
    cursor.seek_last();
    EXPECT_EQ(cursor.version()->value(), "one");
}

/// Memory is counted while a list lives, and gone when it does not.
TEST(SkipListTest, CountsItsMemoryAndFreesAllOfIt) {
    const auto count = std::make_shared<MemoryCount>();
    {
        SkipList list = make_list(count);
        EXPECT_EQ(count->bytes, 0u);
        const std::string value(1000, 'v');
        for (std::uint64_t i = 1; i <= 1000; ++i) insert(list, std::to_string(i), i, value);
        EXPECT_GE(count->bytes, 1'000'000u);
        EXPECT_EQ(count->bytes, list.memory_bytes());
        EXPECT_GE(list.used_bytes(), 1'000'000u);
        EXPECT_LE(list.used_bytes(), list.memory_bytes());
        list.clear();
        EXPECT_EQ(list.first(), nullptr);
        EXPECT_TRUE(list.empty());
        EXPECT_EQ(count->bytes, 4096u);
        insert(list, "again", 1, "works");
        EXPECT_EQ(list.find("again", 1)->value(), "works");
    }
    EXPECT_EQ(count->bytes, 0u);
}

/// One thread inserts, others read without locks. A reader that was told of stamp S finds
/// everything up to S, in order, complete.
TEST(SkipListTest, IsReadWhileItIsWritten) {
    constexpr std::uint64_t entries = 30'000;
    SkipList list = make_list();
    std::atomic<std::uint64_t> told{0};
    std::vector<std::thread> readers;
    for (int reader = 0; reader < 2; ++reader) {
        readers.emplace_back([&] {
            for (std::uint64_t seen = 0; seen < entries;) {
                seen = told.load(std::memory_order_acquire);
                if (seen == 0) continue;
                const std::string key = std::to_string(seen * 7919 % entries);
                const SkipList::Version* const node = list.find(key, seen);
                ASSERT_NE(node, nullptr);
                ASSERT_EQ(node->value(), key);
                SkipCursor cursor{list, seen};
                std::string before;
                cursor.seek(key);
                for (int i = 0; i < 20 && cursor.version() != nullptr; ++i, cursor.next()) {
                    ASSERT_LT(before, cursor.version()->key());
                    ASSERT_LE(cursor.version()->stamp(), seen);
                    before = cursor.version()->key();
                }
            }
        });
    }
    for (std::uint64_t stamp = 1; stamp <= entries; ++stamp) {
        const std::string key = std::to_string(stamp * 7919 % entries);
        insert(list, key, stamp, key);
        told.store(stamp, std::memory_order_release);
    }
    for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace amphora::outbox
