#include "outbox/record.hpp"

#include "support/message_of.hpp"
#include "support/random.hpp"

#include <amphora/error.hpp>

#include <map>
#include <string>
#include <vector>

namespace amphora::outbox {
namespace {

using Changes = std::map<std::string, std::optional<std::string>>;

struct Content {
    std::array<Changes, trees_count> changes;
    std::vector<std::string> events;
    bool operator==(const Content&) const = default;
};

Buffer encode(const Content& content) {
    RecordWriter writer{0};
    for (const Changes& changes : content.changes) {
        writer.begin_changes(changes.size());
        for (const auto& [key, value] : changes) {
            if (value) {
                writer.put(key, *value);
            } else {
                writer.erase(key);
            }
        }
    }
    writer.begin_events(content.events.size());
    for (const std::string& event : content.events) writer.event(event);
    return std::move(writer).finish();
}

Content decode(Bytes bytes) {
    const Record record{bytes, Sequence{7}};
    Content content;
    for (const TreeId tree : trees_all) {
        record.each_change(tree, [&](const Record::Change& change) {
            auto& value = content.changes[index_of(tree)][std::string{change.key}];
            if (change.value) value = std::string{*change.value};
        });
        EXPECT_EQ(record.changes(tree), content.changes[index_of(tree)].size());
    }
    record.each_event([&](Bytes event) { content.events.emplace_back(event); });
    return content;
}

/// The bytes of one small record, as the header of record.hpp draws them.
TEST(RecordTest, HasTheseBytes) {
    Content content;
    content.changes[0]["k"] = "row";
    content.changes[0]["l"] = std::nullopt;
    content.changes[1]["d"] = "";
    content.events = {"e!"};
    const Buffer bytes = encode(content);
    EXPECT_EQ(bytes, Buffer("\x01"
                            "\x02\x01k\x04row\x01l\x00"
                            "\x01\x01"
                            "d\x01"
                            "\x01\x02"
                            "e!",
                            19));
    EXPECT_EQ(decode(bytes), content);
}

/// Everything that a transaction wrote comes back, and no damage to the bytes is ever read past
/// their end: it is either found or gives another well-formed record.
TEST(RecordTest, GivesBackWhatWasWrittenAndSurvivesDamage) {
    support::Random random;
    for (std::uint64_t round = 0; round < 300 * support::test_scale(); ++round) {
        Content content;
        for (Changes& changes : content.changes) {
            for (std::uint64_t i = random() % 6; i > 0; --i) {
                std::string key(1 + random() % (random.once_in(10) ? 300 : 5), 'k');
                key.back() = static_cast<char>(random());
                auto& value = changes[key];
                if (!random.once_in(3)) value = std::string(random() % 200, 'v');
            }
        }
        for (std::uint64_t i = random() % 3; i > 0; --i) {
            content.events.emplace_back(random() % 200, 'e');
        }
        const Buffer bytes = encode(content);
        ASSERT_EQ(decode(bytes), content) << random.seed_text();

        for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
            ASSERT_THROW((Record{Bytes{bytes}.substr(0, cut), Sequence{1}}), Error)
                << random.seed_text();
        }
        for (int flip = 0; flip < 50; ++flip) {
            // On the heap and without slack, so that the address sanitizer sees a step too far.
            std::vector<char> damaged(bytes.begin(), bytes.end());
            damaged[random() % damaged.size()] ^= static_cast<char>(1u << (random() % 8));
            try {
                decode({damaged.data(), damaged.size()});
            } catch (const Error& error) {
                // The first byte is the format.
                const bool is_newer = damaged[0] > 1 || damaged[0] < 0;
                ASSERT_EQ(error.code(), is_newer ? ErrorCode::newer_format : ErrorCode::corrupt)
                    << error.what();
            }
        }
    }
}

/// A message about a damaged record says which commit it is.
TEST(RecordTest, NamesTheCommitThatIsDamaged) {
    const Buffer bytes(
        "\x01\x02\x01"
        "b\x01\x01"
        "a\x01\x00\x00",
        10);
    try {
        const Record record{bytes, Sequence{10442}};
        FAIL() << "keys out of order were accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::corrupt);
        EXPECT_THAT(error.what(), testing::HasSubstr("commit record 10442"));
        EXPECT_THAT(error.what(), testing::HasSubstr("out of order"));
    }
}

/// A later version has written the journal: nothing is damaged.
TEST(RecordTest, NamesAFormatOfALaterVersion) {
    Buffer bytes = encode({});
    for (const char later : {'\x02', '\xff'}) {
        bytes[0] = later;
        const std::string message = support::message_of(ErrorCode::newer_format, [&] {
            Record{bytes, Sequence{7}};
        });
        EXPECT_THAT(message, testing::HasSubstr("commit record 7: format"));
    }
    bytes[0] = '\0';
    EXPECT_THAT(support::message_of(ErrorCode::corrupt,
                                    [&] {
                                        Record{bytes, Sequence{7}};
                                    }),
                testing::HasSubstr("no version has this format"));
}

}  // namespace
}  // namespace amphora::outbox
