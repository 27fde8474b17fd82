// The tables of options in include/amphora/README.md have each member of Options, and the numbers
// of the profiles are those in force.

#include "database/directory/profile.hpp"
#include "pages/page.hpp"

#include <amphora/error.hpp>
#include <amphora/options.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace amphora::pages {
namespace {

constexpr const char* page = "include/amphora/README.md";
constexpr std::array profiles{Profile::edge, Profile::desktop, Profile::bench};

struct Member {
    std::string name;
    std::string initial;  ///< "Profile::desktop"
};

/// The members of `struct Options`, as the header declares them.
std::vector<Member> members() {
    static const std::regex declaration{R"(^    [A-Za-z].* (\w+) = (.+);$)"};
    std::istringstream header{
        support::read_file(AMPHORA_SOURCE_DIR "/include/amphora/options.hpp")};
    std::vector<Member> found;
    bool is_inside = false;
    for (std::string line; std::getline(header, line);) {
        if (line == "struct Options {") is_inside = true;
        if (line == "};") is_inside = false;
        std::smatch parts;
        if (is_inside && std::regex_match(line, parts, declaration)) {
            found.push_back({parts[1], parts[2]});
        }
    }
    return found;
}

/// In one line, so that a sentence can be found wherever it is broken.
std::string text_of_page() {
    std::string text = support::read_file(std::string{AMPHORA_SOURCE_DIR "/"} + page);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

/// 8 MiB == 8388608; 200 == 200.
std::uint64_t number_of(const std::string& text) {
    static const std::map<std::string, std::uint64_t> units{
        {"", 1}, {" KiB", 1ull << 10}, {" MiB", 1ull << 20}, {" GiB", 1ull << 30}};
    std::size_t end = 0;
    const std::uint64_t number = std::stoull(text, &end);
    const auto unit = units.find(text.substr(end));
    if (unit == units.end()) throw std::runtime_error{"no number: " + text};
    return number * unit->second;
}

std::string size_text(std::uint64_t bytes) {
    if (bytes % (1ull << 20) == 0) return fmt::format("{} MiB", bytes >> 20);
    return fmt::format("{} KiB", bytes >> 10);
}

ResolvedOptions of_profile(Profile profile) {
    Options options;
    options.profile = profile;
    return resolve(options);
}

/// Where a number of the options arrives.
using Look = std::function<std::uint64_t(const ResolvedOptions&)>;
const std::map<std::string, Look>& looks() {
    static const std::map<std::string, Look> all{
        {"memory_bytes", [](const auto& now) { return now.rocks.memory_bytes; }},
        {"pending_bytes_max", [](const auto& now) { return now.outbox.pending_bytes_max; }},
        {"journal_bytes_max", [](const auto& now) { return now.outbox.journal_bytes_max; }},
        {"feed_bytes_max", [](const auto& now) { return now.outbox.feed_bytes_max; }},
        {"segment_bytes", [](const auto& now) { return now.journal.segment_bytes; }},
        {"seal_bytes", [](const auto& now) { return now.outbox.seal_bytes; }},
        {"seal_age_ms", [](const auto& now) { return now.outbox.seal_age_ms; }},
        {"sync_interval_ms", [](const auto& now) { return now.journal.sync_interval_ms; }},
        {"commit_bytes_max", [](const auto& now) { return now.engine.commit_bytes_max; }},
        {"map_bytes", [](const auto& now) { return now.lmdb.map_bytes; }},
        {"reserve_bytes", [](const auto& now) { return now.rocks.reserve_bytes; }},
        {"snapshot_age_ms_max", [](const auto& now) { return now.engine.snapshot_age_ms_max; }},
    };
    return all;
}

TEST(OptionsPage, HasOneLineForEachMember) {
    std::vector<std::string> expected;
    for (const Member& member : members()) expected.push_back(member.name);
    EXPECT_THAT(expected, testing::AllOf(testing::Contains("profile"), testing::Contains("log")));
    std::vector<std::string> names;
    for (const char* const heading : {"Numbers of the profiles", "Other options"}) {
        for (const Row& row : rows_below(page, heading)) names.push_back(row.at(0));
    }
    EXPECT_THAT(names, testing::UnorderedElementsAreArray(expected));
}

TEST(OptionsPage, TheNumbersOfTheProfilesAreThoseInForce) {
    for (const Row& row : rows_below(page, "Numbers of the profiles")) {
        ASSERT_EQ(row.size(), 6u) << row.at(0);
        EXPECT_EQ(row[1], row[0].find("_ms") == std::string::npos ? "bytes" : "ms") << row[0];
        const auto look = looks().find(row[0]);
        ASSERT_NE(look, looks().end()) << row[0] << ": this test must know where it arrives";
        for (std::size_t i = 0; i < profiles.size(); ++i) {
            EXPECT_EQ(number_of(row[2 + i]), look->second(of_profile(profiles[i])))
                << row[0] << ", profile " << i;
        }
    }
}

/// A number that a caller gives arrives at the same place as the profile's.
TEST(OptionsPage, AGivenNumberReplacesTheProfiles) {
    Options options;
    options.memory_bytes = 50 << 20;
    options.pending_bytes_max = 51 << 20;
    options.journal_bytes_max = 52 << 20;
    options.feed_bytes_max = 60 << 20;
    options.segment_bytes = 12 << 20;
    options.seal_bytes = 3 << 20;
    options.seal_age_ms = 54;
    options.sync_interval_ms = 55;
    options.commit_bytes_max = 5 << 20;
    options.map_bytes = 57 << 20;
    options.reserve_bytes = 58 << 20;
    options.snapshot_age_ms_max = 59;
    const ResolvedOptions now = resolve(options);
    const std::map<std::string, std::uint64_t> given{
        {"memory_bytes", 50 << 20},
        {"pending_bytes_max", 51 << 20},
        {"journal_bytes_max", 52 << 20},
        {"segment_bytes", 12 << 20},
        {"feed_bytes_max", 60 << 20},
        {"seal_bytes", 3 << 20},
        {"seal_age_ms", 54},
        {"sync_interval_ms", 55},
        {"commit_bytes_max", 5 << 20},
        {"map_bytes", 57 << 20},
        {"reserve_bytes", 58 << 20},
        {"snapshot_age_ms_max", 59},
    };
    for (const auto& [name, look] : looks()) EXPECT_EQ(look(now), given.at(name)) << name;
    EXPECT_EQ(now.lmdb.reserve_bytes, options.reserve_bytes);
    EXPECT_EQ(now.outbox.journal_reserve_bytes, options.reserve_bytes);
}

TEST(OptionsPage, TheDefaultsOfTheOthersAreThoseOfTheHeader) {
    std::map<std::string, std::string> initial;
    for (const Member& member : members()) initial[member.name] = member.initial;
    for (const Row& row : rows_below(page, "Other options")) {
        ASSERT_EQ(row.size(), 3u) << row.at(0);
        const std::string& in_header = initial[row[0]];
        const std::string expected = in_header == "{}"        ? "empty"
                                     : in_header == "nullptr" ? "none"
                                                              : in_header;
        EXPECT_EQ(row[1], expected) << row[0];
    }
}

/// What the page says in sentences, made from the numbers in force.
std::vector<std::string> sentences() {
    std::array<std::string, profiles.size()> first_segment, memory;
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        const ResolvedOptions now = of_profile(profiles[i]);
        first_segment[i] = size_text(now.journal.first_segment_bytes);
        memory[i] = size_text(now.rocks.memory_bytes + 2 * now.outbox.pending_bytes_max);
    }
    const ResolvedOptions edge = of_profile(Profile::edge);
    const ResolvedOptions desktop = of_profile(Profile::desktop);
    return {
        fmt::format("The first files have {}, {} and {}", first_segment[0], first_segment[1],
                    first_segment[2]),
        fmt::format("desktop {}, edge {}, bench {}", memory[1], memory[0], memory[2]),
        fmt::format("`Options::sync_interval_ms` ({} ms; {} ms in the profile edge)",
                    desktop.journal.sync_interval_ms, edge.journal.sync_interval_ms),
        fmt::format("and {} s at most", desktop.outbox.wait_ms_max / 1000),
        fmt::format("relational store has a reserve of {} in each profile",
                    size_text(edge.lmdb.reserve_bytes)),
        fmt::format("one of {} slots", desktop.lmdb.readers_max),
    };
}

TEST(OptionsPage, TheSentencesHaveTheSameNumbers) {
    const std::string text = text_of_page();
    for (const std::string& sentence : sentences()) {
        EXPECT_NE(text.find(sentence), std::string::npos) << "the page lacks: " << sentence;
    }
    for (const Profile profile : profiles) {
        const ResolvedOptions now = of_profile(profile);
        EXPECT_EQ(now.outbox.journal_reserve_bytes, now.rocks.reserve_bytes) << "one column";
        EXPECT_EQ(now.lmdb.reserve_bytes, of_profile(Profile::edge).lmdb.reserve_bytes);
    }
}

/// The sizes and times in the line of the profile above `enum class Profile`.
std::vector<std::string> cells_in_header(const std::string& profile) {
    std::istringstream header{
        support::read_file(AMPHORA_SOURCE_DIR "/include/amphora/options.hpp")};
    for (std::string line; std::getline(header, line);) {
        if (!line.starts_with("///     " + profile + " ")) continue;
        return cells_of(line.substr(line.find('|')) + "|");
    }
    throw std::runtime_error{"options.hpp has no line for " + profile};
}

TEST(OptionsPage, TheTableInTheHeaderHasTheSameNumbers) {
    const std::array<std::string, profiles.size()> names{"edge", "desktop", "bench"};
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        const ResolvedOptions now = of_profile(profiles[i]);
        const std::vector<std::string> cells = cells_in_header(names[i]);
        ASSERT_EQ(cells.size(), 6u) << names[i];
        EXPECT_EQ(number_of(cells[0]), now.outbox.pending_bytes_max) << names[i];
        EXPECT_EQ(number_of(cells[1]), now.rocks.memory_bytes) << names[i];
        EXPECT_EQ(number_of(cells[2]), now.outbox.journal_bytes_max) << names[i];
        EXPECT_EQ(number_of(cells[3]), now.journal.segment_bytes) << names[i];
        EXPECT_EQ(number_of(cells[4]), now.engine.commit_bytes_max) << names[i];
        EXPECT_EQ(cells[5], fmt::format("{} s", now.outbox.seal_age_ms / 1000)) << names[i];
    }
}

bool is_refused(const Options& options) {
    try {
        static_cast<void>(resolve(options));
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
        return true;
    }
    return false;
}

/// The rules, each at its bound and just beyond it.
TEST(OptionsPage, TheRulesAreKept) {
    constexpr std::uint64_t kib = 1 << 10, gib = 1ull << 30;
    EXPECT_FALSE(is_refused({.segment_bytes = 64 * kib}));
    EXPECT_TRUE(is_refused({.segment_bytes = 60 * kib}));
    EXPECT_TRUE(is_refused({.segment_bytes = 64 * kib + 512}));
    EXPECT_FALSE(is_refused({.segment_bytes = gib}));
    EXPECT_TRUE(is_refused({.segment_bytes = gib + 4 * kib}));
    EXPECT_FALSE(is_refused({.segment_bytes = 64 * kib, .commit_bytes_max = 48 * kib}));
    EXPECT_TRUE(is_refused({.segment_bytes = 64 * kib, .commit_bytes_max = 48 * kib + 1}));
    EXPECT_FALSE(is_refused({.journal_bytes_max = 256 * kib, .segment_bytes = 64 * kib}));
    EXPECT_TRUE(is_refused({.journal_bytes_max = 256 * kib - 1, .segment_bytes = 64 * kib}));
    EXPECT_FALSE(is_refused({.feed_bytes_max = 256 * kib, .segment_bytes = 64 * kib}));
    EXPECT_TRUE(is_refused({.feed_bytes_max = 256 * kib - 1, .segment_bytes = 64 * kib}));
    EXPECT_FALSE(is_refused({.pending_bytes_max = 80 * kib, .commit_bytes_max = 80 * kib}));
    EXPECT_TRUE(is_refused({.pending_bytes_max = 80 * kib - 1, .commit_bytes_max = 80 * kib}));

    EXPECT_EQ(resolve({.segment_bytes = 8192 * kib}).engine.commit_bytes_max, 4096 * kib);
    EXPECT_EQ(resolve({.pending_bytes_max = 80 * kib}).engine.commit_bytes_max, 40 * kib);
    EXPECT_EQ(resolve({.segment_bytes = gib}).outbox.journal_bytes_max, 4 * gib);
    EXPECT_EQ(resolve({.profile = Profile::edge, .segment_bytes = gib}).outbox.feed_bytes_max,
              4 * gib);
    EXPECT_EQ(resolve({.pending_bytes_max = 80 * kib}).outbox.seal_bytes, 20 * kib);
    EXPECT_EQ(resolve({.pending_bytes_max = 3200 * kib}).outbox.pending_reserve_bytes, 1024 * kib);
    EXPECT_EQ(resolve({.pending_bytes_max = gib}).outbox.pending_reserve_bytes, gib / 16);
}

}  // namespace
}  // namespace amphora::pages
