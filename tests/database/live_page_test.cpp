// What an owner says in LIVE: its encoding, and when it says it.

#include "database/live/live_page.hpp"

#include "base/range_lock.hpp"
#include "database/live/observers_file.hpp"
#include "database/shop.hpp"
#include "support/comes_true.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace amphora::shop {
namespace {

using live::FiguresPart;
using live::OwnerPart;
using live::OwnerState;
using live::Part;
using live::Pin;
using live::Word;
using support::comes_true;
using testing::HasSubstr;

constexpr std::size_t room = PublishedPage::room_of(static_cast<std::size_t>(Part::figures));

TEST(LivePageTest, TheOwnersPartIsReadAsItWasWritten) {
    OwnerPart part;
    part.identity.database.bytes.fill(7);
    part.identity.timeline.bytes.fill(8);
    part.generation = 1ull << 40;
    part.state = OwnerState::open;
    part.epoch = Epoch{9};
    part.pins = {{.number = 1, .from = 1ull << 50, .until_ms = 12}, {.number = 2, .until_ms = 13}};
    const OwnerPart read = live::decode_owner_part(encode(part));
    EXPECT_EQ(read.identity, part.identity);
    EXPECT_EQ(read.generation, part.generation);
    EXPECT_EQ(read.state, part.state);
    EXPECT_EQ(read.epoch, part.epoch);
    EXPECT_EQ(read.pins, part.pins);
}

/// As many pins as there may be fit.
TEST(LivePageTest, TheOwnersPartHasRoom) {
    OwnerPart part;
    part.generation = UINT64_MAX;
    part.pins.assign(8, {.number = UINT64_MAX, .from = UINT64_MAX, .until_ms = INT64_MAX});
    EXPECT_LE(encode(part).size(), PublishedPage::room_of(static_cast<std::size_t>(Part::owner)));
}

TEST(LivePageTest, ANewerFormatAndDamageAreNamed) {
    const Buffer whole = encode(OwnerPart{});
    Buffer newer = whole;
    newer[0] = '\x63';
    EXPECT_THAT(message_of(ErrorCode::newer_format,
                           [&] { static_cast<void>(live::decode_owner_part(newer)); }),
                HasSubstr("99"));
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
        EXPECT_EQ(code_of([&] { return live::decode_owner_part(Bytes{whole}.substr(0, bytes)); }),
                  ErrorCode::corrupt);
    }
}

/// The same bytes come out of what was read: every field that is written is read.
TEST(LivePageTest, FiguresAreReadAsTheyWereWritten) {
    FiguresPart part;
    part.taken_ms = 17;
    Statistics& statistics = part.statistics;
    statistics.database = "a database";
    statistics.epoch = Epoch{3};
    statistics.journal.visible = Sequence{1ull << 60};
    statistics.journal.feeds = {{.name = "consumer mail", .commits = 5}};
    statistics.trees[1].name = "documents";
    statistics.trees[1].window.p99_us = 99;
    statistics.commit_time.max_us = 12;
    statistics.recovery.left_out = {"something"};
    statistics.retention.resize(1);
    statistics.retention[0].last_round = DateTime{-5};
    statistics.archive_from = Sequence{8};
    const Buffer bytes = encode(part, room);
    const FiguresPart read = live::decode_figures(bytes);
    EXPECT_EQ(encode(read, room), bytes);
    EXPECT_EQ(read.taken_ms, 17);
    EXPECT_EQ(read.statistics.journal.visible, Sequence{1ull << 60});
    EXPECT_EQ(read.statistics.journal.feeds.at(0).name, "consumer mail");
    EXPECT_EQ(read.statistics.trees[1].window.p99_us, 99u);
    EXPECT_EQ(read.statistics.retention.at(0).last_round, DateTime{-5});
    EXPECT_EQ(read.statistics.retention.at(0).oldest_expired, std::nullopt);
    EXPECT_EQ(read.statistics.archive_from, Sequence{8});
}

/// A database with more consumers than there is room for still says everything else.
TEST(LivePageTest, TooManyFeedsAreLeftOut) {
    FiguresPart part;
    part.statistics.commits = 7;
    for (int i = 0; i < 5000; ++i) {
        part.statistics.journal.feeds.push_back({.name = "consumer " + std::to_string(i)});
    }
    const Buffer bytes = encode(part, room);
    EXPECT_LE(bytes.size(), room);
    const FiguresPart read = live::decode_figures(bytes);
    EXPECT_EQ(read.statistics.commits, 7u);
    ASSERT_FALSE(read.statistics.journal.feeds.empty());
    EXPECT_EQ(read.statistics.journal.feeds[0].name, "consumer 0");
}

class LiveOwnerOfDatabase : public testing::Test {
  protected:
    void open(Options options = {}) {
        database_.reset();
        options.profile = Profile::edge;
        database_.emplace(Database::open(path(), schema, options));
    }
    [[nodiscard]] std::string path() const { return directory_.database(); }
    [[nodiscard]] std::uint64_t word(Word which) const {
        return PageReader{path() + "/" + live::page_name}.word(static_cast<std::size_t>(which));
    }
    [[nodiscard]] Buffer part(Part which) const {
        return PageReader{path() + "/" + live::page_name}.part(static_cast<std::size_t>(which));
    }
    [[nodiscard]] OwnerPart owner() const { return live::decode_owner_part(part(Part::owner)); }

    const Directory directory_;
    std::optional<Database> database_;
};

/// An observer that starts after a commit has returned must show it.
TEST_F(LiveOwnerOfDatabase, SaysThatACommitIsVisibleBeforeTheWriterContinues) {
    open();
    const PageReader page{path() + "/" + live::page_name};
    for (const Durability durability :
         {Durability::buffered, Durability::written, Durability::synced}) {
        WriteOptions options;
        options.durability = durability;
        for (int i = 0; i < 50; ++i) {
            const Commit commit = database_->write(
                [&](Transaction& tx) {
                    add_customer(
                        tx, std::to_string(static_cast<int>(durability)) + "-" + std::to_string(i));
                },
                options);
            ASSERT_GE(page.word(static_cast<std::size_t>(Word::visible)), number(commit.sequence));
        }
    }
    EXPECT_LE(page.word(static_cast<std::size_t>(Word::durable)),
              page.word(static_cast<std::size_t>(Word::visible)));
}

TEST_F(LiveOwnerOfDatabase, SaysWhetherItIsOpen) {
    open();
    EXPECT_EQ(owner().state, OwnerState::open);
    EXPECT_EQ(to_string(owner().identity.database), database_->statistics().database);
    EXPECT_EQ(owner().epoch, database_->statistics().epoch);
    const std::uint64_t generation = word(Word::generation);
    database_.reset();
    EXPECT_EQ(owner().state, OwnerState::closed);
    EXPECT_EQ(word(Word::generation), generation);
    open();
    EXPECT_EQ(word(Word::generation), generation + 1);
    EXPECT_EQ(owner().state, OwnerState::open);
}

TEST_F(LiveOwnerOfDatabase, ThoseThatOnlyReadSayNothing) {
    open();
    database_.reset();
    const std::uint64_t generation = word(Word::generation);
    for (const OpenMode mode : {OpenMode::read_only, OpenMode::rescue}) {
        Options options;
        options.mode = mode;
        open(options);
        EXPECT_EQ(owner().state, OwnerState::closed);
        EXPECT_EQ(word(Word::generation), generation);
    }
}

TEST_F(LiveOwnerOfDatabase, WritesFiguresWhileSomebodyLooks) {
    open();
    database_->write([](Transaction& tx) { add_customer(tx, "kim"); });
    EXPECT_EQ(part(Part::figures), "") << "nobody looks";
    RangeLock observer{path() + "/" + live::observers_name};
    observer.hold(0);
    ASSERT_TRUE(comes_true([&] { return !part(Part::figures).empty(); }));
    const Statistics said = live::decode_figures(part(Part::figures)).statistics;
    EXPECT_EQ(said.database, database_->statistics().database);
    EXPECT_EQ(said.commits, database_->statistics().commits);
    ASSERT_TRUE(comes_true([&] { return !owner().pins.empty(); }));
    database_.reset();
    EXPECT_TRUE(owner().pins.empty());
}

/// The database opens all the same, and says in its log why nobody can look.
TEST_F(LiveOwnerOfDatabase, OpensWhereThePageCannotBeMade) {
    std::filesystem::create_directories(path() + "/LIVE.new/in-the-way");
    std::vector<std::string> lines;
    Options options;
    options.log = [&](const std::string& line) { lines.push_back(line); };
    // Next to other files a database is not made.
    const std::string aside = path() + ".aside";
    std::filesystem::rename(path() + "/LIVE.new", aside);
    open();
    database_.reset();
    std::filesystem::remove(path() + "/LIVE");
    std::filesystem::rename(aside, path() + "/LIVE.new");
    open(options);
    const Commit commit = database_->write([](Transaction& tx) { add_customer(tx, "kim"); });
    EXPECT_TRUE(database_->wait(commit));
    EXPECT_THAT(lines, testing::Contains(HasSubstr("cannot be read by other processes")));
    EXPECT_THAT(lines, testing::Contains(HasSubstr("LIVE.new")));
    database_.reset();
}

}  // namespace
}  // namespace amphora::shop
