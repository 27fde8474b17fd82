#include "outbox/record.hpp"

#include "support/message_of.hpp"
#include "support/random.hpp"

#include <amphora/error.hpp>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace amphora::outbox {
namespace {

/// A change and an event, with their own memory.
struct Written {
    std::optional<std::string> value = std::nullopt;
    Before before = Before::absent;
    std::optional<std::string> state_before = std::nullopt;
    std::size_t context = 0;
    bool operator==(const Written&) const = default;
};
struct Event {
    std::string bytes;
    std::size_t context = 0;
    bool operator==(const Event&) const = default;
};
using Changes = std::map<std::string, Written>;

struct Content {
    std::vector<std::array<std::string, 3>> contexts;
    std::array<Changes, trees_count> changes;
    std::vector<Event> events;
    bool operator==(const Content&) const = default;
};

std::optional<Bytes> view(const std::optional<std::string>& text) {
    return text ? std::optional<Bytes>{*text} : std::nullopt;
}
std::optional<std::string> copy(const std::optional<Bytes>& bytes) {
    return bytes ? std::optional<std::string>{*bytes} : std::nullopt;
}

Buffer encode(const Content& content) {
    std::vector<Context> contexts;
    for (const auto& [origin, correlation, causation] : content.contexts) {
        contexts.push_back({origin, correlation, causation});
    }
    RecordWriter writer{0, contexts};
    for (const Changes& changes : content.changes) {
        writer.begin_changes(changes.size());
        for (const auto& [key, written] : changes) {
            writer.change({.key = key,
                           .value = view(written.value),
                           .before = written.before,
                           .state_before = view(written.state_before),
                           .context = written.context});
        }
    }
    writer.begin_events(content.events.size());
    for (const Event& event : content.events) writer.event(event.bytes, event.context);
    return std::move(writer).finish();
}

Content decode(Bytes bytes) {
    const Record record{bytes, Sequence{7}};
    Content content;
    for (const Context& context : record.contexts()) {
        content.contexts.push_back({std::string{context.origin}, std::string{context.correlation},
                                    std::string{context.causation}});
    }
    for (const TreeId tree : trees_all) {
        record.each_change(tree, [&](const Change& change) {
            content.changes[index_of(tree)].emplace(
                change.key, Written{.value = copy(change.value),
                                    .before = change.before,
                                    .state_before = copy(change.state_before),
                                    .context = change.context});
        });
        EXPECT_EQ(record.changes(tree), content.changes[index_of(tree)].size());
    }
    record.each_event([&](const Record::Event& event) {
        content.events.push_back({std::string{event.bytes}, event.context});
    });
    return content;
}

/// The bytes of one small record, as the header of record.hpp draws them.
TEST(RecordTest, HasTheseBytes) {
    Content content;
    content.changes[0]["k"] = {.value = "row"};
    content.changes[0]["l"] = {.before = Before::present};
    content.changes[1]["d"] = {.value = "", .before = Before::present, .state_before = "was"};
    content.changes[1]["e"] = {};
    content.events = {{"e!"}};
    const Buffer bytes = encode(content);
    EXPECT_EQ(bytes, Buffer("\x02"
                            "\x00"
                            "\x02\x01k\x10row\x01l\x01"
                            "\x02\x01"
                            "d\x07\x03was\x01"
                            "e\x00"
                            "\x01\x02"
                            "e!",
                            27));
    EXPECT_EQ(decode(bytes), content);
}

/// One context is said once, and its changes need not refer to it. Only with a second one they do.
TEST(RecordTest, RefersToContextsOnlyIfThereAreSeveral) {
    Content content;
    content.contexts = {{"shop", "order 7", ""}};
    content.changes[0]["k"] = {.value = "row"};
    content.events = {{"e!"}};
    const Buffer one = encode(content);
    EXPECT_EQ(one, Buffer("\x02"
                          "\x01\x04shop\x07order 7\x00"
                          "\x01\x01k\x10row"
                          "\x00"
                          "\x01\x02"
                          "e!",
                          28));
    EXPECT_EQ(decode(one), content);

    content.contexts.push_back({"", "", "change 9"});
    content.events[0].context = 1;
    const Buffer two = encode(content);
    EXPECT_EQ(two.size(), one.size() + 3 + 8 + 2);
    EXPECT_EQ(decode(two), content);
}

std::string some_text(support::Random& random, char letter, std::uint64_t bytes) {
    return std::string(random() % bytes, letter);
}

Content some_content(support::Random& random) {
    Content content;
    for (std::uint64_t i = random.once_in(2) ? 0 : random() % 4; i > 0; --i) {
        content.contexts.push_back(
            {some_text(random, 'o', 20), some_text(random, 'c', 256), some_text(random, 'b', 5)});
    }
    const auto some_context = [&] {
        return content.contexts.size() < 2 ? 0 : random() % content.contexts.size();
    };
    for (Changes& changes : content.changes) {
        for (std::uint64_t i = random() % 6; i > 0; --i) {
            std::string key(1 + random() % (random.once_in(10) ? 300 : 5), 'k');
            key.back() = static_cast<char>(random());
            Written& written = changes[key];
            written = {.context = some_context()};
            if (!random.once_in(3)) written.value = some_text(random, 'v', 200);
            if (random.once_in(2)) continue;
            written.before = Before::present;
            if (random.once_in(2)) written.state_before = some_text(random, 's', 200);
        }
    }
    for (std::uint64_t i = random() % 3; i > 0; --i) {
        content.events.push_back({some_text(random, 'e', 200), some_context()});
    }
    return content;
}

/// Whether the record is refused, as damage must be. Otherwise all of it can be read.
ErrorCode read_damaged(const std::vector<char>& damaged) {
    try {
        decode({damaged.data(), damaged.size()});
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::corrupt;
}

/// Everything that a transaction wrote comes back, and no damage to the bytes is ever read past
/// their end: it is either found or gives another well-formed record.
TEST(RecordTest, GivesBackWhatWasWrittenAndSurvivesDamage) {
    support::Random random;
    for (std::uint64_t round = 0; round < 100 * support::test_scale(); ++round) {
        const Content content = some_content(random);
        const Buffer bytes = encode(content);
        ASSERT_EQ(decode(bytes), content) << random.seed_text();

        for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
            // On the heap and without slack, so that the address sanitizer sees a step too far.
            const std::vector<char> rest(bytes.begin(),
                                         bytes.begin() + static_cast<std::ptrdiff_t>(cut));
            ASSERT_THROW((Record{{rest.data(), rest.size()}, Sequence{1}}), Error)
                << random.seed_text();
        }
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            std::vector<char> damaged(bytes.begin(), bytes.end());
            damaged[at] ^= static_cast<char>(1u << (random() % 8));
            // The first byte is the format.
            const bool is_newer = at == 0 && damaged[0] != 0;
            ASSERT_EQ(read_damaged(damaged),
                      is_newer ? ErrorCode::newer_format : ErrorCode::corrupt)
                << "byte " << at << ", " << random.seed_text();
        }
    }
}

std::string message_about(Bytes bytes, ErrorCode code = ErrorCode::corrupt) {
    return support::message_of(code, [&] { Record{bytes, Sequence{10442}}; });
}

/// A message about a damaged record says which commit it is.
TEST(RecordTest, NamesTheCommitThatIsDamaged) {
    const std::string message =
        message_about({"\x02\x00\x02\x01"
                       "b\x04\x01"
                       "a\x04\x00\x00",
                       11});
    EXPECT_THAT(message, testing::HasSubstr("commit record 10442"));
    EXPECT_THAT(message, testing::HasSubstr("out of order"));
}

/// What no writer writes is refused, and not passed on to a feed.
TEST(RecordTest, RefusesAStateBeforeOfANewKeyAndContextsThatAreNone) {
    using testing::HasSubstr;
    EXPECT_THAT(message_about({"\x02\x00\x01\x01k\x02\x01s\x00\x00", 10}),
                HasSubstr("a state before the commit of a key that did not exist"));
    EXPECT_THAT(message_about({"\x02\x02\x00\x00\x00\x01o\x00\x00\x01\x02\x01k\x01\x00\x00", 16}),
                HasSubstr("a context that is not in the record"));
    EXPECT_THAT(message_about({"\x02\x01\x01\xff\x00\x00\x00\x00\x00", 9}), HasSubstr("not UTF-8"));
    EXPECT_THAT(message_about({"\x02\x05\x00\x00\x00\x00\x00\x00\x00", 9}),
                HasSubstr("more contexts than bytes"));
    const std::string too_long(256, 'o');
    const Context context{.origin = too_long};
    RecordWriter writer{0, {&context, 1}};
    for ([[maybe_unused]] const TreeId tree : trees_all) writer.begin_changes(0);
    writer.begin_events(0);
    EXPECT_THAT(message_about(std::move(writer).finish()), HasSubstr("text is too long"));
}

/// A later version has written the journal: nothing is damaged. An earlier one had another format.
TEST(RecordTest, NamesAFormatOfAnotherVersion) {
    Buffer bytes = encode({});
    for (const char later : {'\x03', '\xff'}) {
        bytes[0] = later;
        EXPECT_THAT(message_about(bytes, ErrorCode::newer_format),
                    testing::HasSubstr("commit record 10442: format"));
    }
    bytes[0] = '\x01';
    EXPECT_THAT(message_about(bytes, ErrorCode::unsupported),
                testing::HasSubstr("commit record 10442: format 1"));
    bytes[0] = '\0';
    EXPECT_THAT(message_about(bytes), testing::HasSubstr("no version has this format"));
}

}  // namespace
}  // namespace amphora::outbox
