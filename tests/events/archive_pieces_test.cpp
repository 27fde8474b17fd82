// Archives with missing, damaged and foreign pieces: what a feed says of them.

#include "events/archived_market.hpp"
#include "support/random.hpp"

#include <gmock/gmock.h>

#include <map>

namespace amphora::market {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ArchivePiecesTest : public ArchivedMarket {};

TEST_F(ArchivePiecesTest, AMissingSegmentIsAGap) {
    three_segments();
    const std::vector<Seen> all = all_of(archive());
    fs::remove(files()[1]);
    const Archive from = archive();
    Feed feed = from.feed();
    std::size_t shown = 0;
    const auto read = [&] {
        while (feed.next()) ++shown;
    };
    const std::string words = message_of(ErrorCode::feed_gap, read);
    EXPECT_THAT(words, HasSubstr("are missing, and " + files()[1] + " begins after them"));
    EXPECT_EQ(code_of(read), ErrorCode::feed_gap);
    EXPECT_EQ(shown, 5u);  // two of the schema, and the three that follow
    // The message names the position after the gap.
    const std::string after = words.substr(words.rfind(' ') + 1);
    const std::vector<Seen> rest = all_of(from, {.after = FeedPosition::parse(after)});
    EXPECT_EQ(rest, std::vector<Seen>(all.end() - 2, all.end()));
    // A position whose changes are gone is refused at once.
    EXPECT_EQ(
        code_of([&] { static_cast<void>(from.feed({.after = all[all.size() - 4].position})); }),
        ErrorCode::feed_gap);
    fs::remove(files()[0]);
    EXPECT_EQ(code_of([&] { static_cast<void>(archive().feed({.after = all.front().position})); }),
              ErrorCode::feed_gap);
}

TEST_F(ArchivePiecesTest, ADamagedFrameIsNamed) {
    three_segments();
    const std::string path = files()[0];
    const std::uint64_t at = contents(path).find("blue");
    flip(path, at);
    const Archive from = archive();
    Feed feed = from.feed();
    std::size_t shown = 0;
    const std::string words = message_of(ErrorCode::corrupt, [&] {
        while (feed.next()) ++shown;
    });
    EXPECT_THAT(words, HasSubstr(path + ", offset "));
    EXPECT_EQ(shown, 3u);  // two of the schema, and the cup
    // The last segment: what comes before the damage is shown.
    flip(path, at);
    const std::size_t all = all_of(archive()).size();
    flip(files()[2], contents(files()[2]).find("jug"));
    const Archive damaged = archive();
    Feed rest = damaged.feed();
    shown = 0;
    EXPECT_EQ(code_of([&] {
                  while (rest.next()) ++shown;
              }),
              ErrorCode::corrupt);
    EXPECT_EQ(shown, all - 1);
}

TEST_F(ArchivePiecesTest, ADamagedCatalogIsNamed) {
    three_segments();
    const std::string path = files(".catalog")[0];
    const std::string before = contents(path);
    support::Random random;
    for (int i = 0; i < 40; ++i) {
        std::ofstream{path, std::ios::binary} << before;
        flip(path, random() % before.size());
        const std::string words = message_of(ErrorCode::corrupt, [&] { all_of(archive()); });
        EXPECT_THAT(words, HasSubstr(path));
    }
    std::ofstream{path, std::ios::binary} << before.substr(0, before.size() / 2);
    EXPECT_EQ(code_of([&] { all_of(archive()); }), ErrorCode::corrupt);
    fs::copy_file(files(".catalog")[1], path, fs::copy_options::overwrite_existing);
    EXPECT_EQ(code_of([&] { all_of(archive()); }), ErrorCode::foreign_piece);
}

TEST_F(ArchivePiecesTest, ASegmentWithoutItsCatalogIsRestorableAndNoFeed) {
    {
        Database db = open(first_schema);
        put_item(db, 1, "cup");
        db.backup(place("backup"));
        db.close();
    }
    three_segments();
    const std::vector<Seen> all = all_of(archive());
    fs::remove(files(".catalog")[0]);
    const std::string words = message_of(ErrorCode::unsupported, [&] { all_of(archive()); });
    EXPECT_THAT(words, HasSubstr(".catalog is missing"));
    EXPECT_EQ(all_of(archive(), {.after = all[all.size() - 3].position}).size(), 2u);

    for (const std::string& path : files(".catalog")) fs::remove(path);
    EXPECT_EQ(code_of([&] { static_cast<void>(archive()); }), ErrorCode::unsupported);
    const RestoreReport report =
        Database::restore(place("backup"), place("new"), {.archive = place("archive")});
    EXPECT_EQ(report.last, Database::archived(place("archive")).back().last);
    // The next time the database is archived, what the journal still has gets its catalogs.
    open(second_schema).close();
    EXPECT_FALSE(files(".catalog").empty());
}

TEST_F(ArchivePiecesTest, WhatIsNoArchiveIsRefused) {
    EXPECT_EQ(code_of([&] { Archive{place("nowhere")}; }), ErrorCode::not_a_database);
    fs::create_directory(place("empty"));
    EXPECT_EQ(code_of([&] { Archive{place("empty")}; }), ErrorCode::not_a_database);
    three_segments();
    EXPECT_EQ(code_of([&] { Archive{place("db")}; }), ErrorCode::not_a_database);
    EXPECT_EQ(code_of([&] { static_cast<void>(archive({.timeline = "0123"})); }),
              ErrorCode::invalid_argument);
    const Archive from = archive();
    EXPECT_EQ(code_of([&] { static_cast<void>(from.feed({.start = FeedStart::snapshot})); }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { static_cast<void>(from.feed({.reader = "mail"})); }),
              ErrorCode::invalid_argument);
    Feed feed = from.feed();
    EXPECT_EQ(code_of([&] { feed.acknowledge(feed.next()->position()); }),
              ErrorCode::invalid_argument);
    const Database other = Database::temporary(first_schema);
    EXPECT_EQ(code_of([&] {
                  static_cast<void>(
                      from.feed({.after = other.feed({.start = FeedStart::end}).position()}));
              }),
              ErrorCode::unknown_position);
    const FeedPosition end = *from.feed({.start = FeedStart::end}).position();
    const FeedPosition later{end.timeline(), next(end.sequence())};
    const std::string words = message_of(ErrorCode::unknown_position,
                                         [&] { static_cast<void>(from.feed({.after = later})); });
    EXPECT_THAT(words, HasSubstr("after the last commit in the archive"));
}

TEST_F(ArchivePiecesTest, ReadingChangesNothing) {
    three_segments();
    const auto state = [&] {
        std::map<std::string, std::string> found;
        for (const auto& each : fs::directory_iterator{place("archive")}) {
            found[each.path().string()] = contents(each.path());
        }
        return found;
    };
    const auto before = state();
    const auto time = fs::last_write_time(place("archive"));
    all_of(archive());
    EXPECT_EQ(state(), before);
    EXPECT_EQ(fs::last_write_time(place("archive")), time);
}

}  // namespace
}  // namespace amphora::market
