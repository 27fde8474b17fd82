// The model of the disk alone: a log made by hand, and what each kind of loss may and must leave.

#include "power/disk.hpp"
#include "power/log_by_hand.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphora::power {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSubsetOf;
using testing::Not;
using Outcomes = std::set<std::string>;

constexpr std::size_t block = FileLoss::block_bytes;
constexpr std::size_t sector = FileLoss::sector_bytes;
constexpr int file = 3, other = 4, directory = 5;

std::string full(char letter, std::size_t bytes = block) {
    return std::string(bytes, letter);
}

/// For each part of a file one letter, "0" for zeros: "a0b"; "!" where a part holds several.
std::string letters(const std::string& content, std::size_t part) {
    std::string all;
    for (std::size_t at = 0; at < content.size(); at += part) {
        const std::string piece = content.substr(at, part);
        const bool is_one = piece.find_first_not_of(piece[0]) == std::string::npos;
        all += !is_one ? '!' : piece[0] == '\0' ? '0' : piece[0];
    }
    return all;
}

std::string shown(const Image& image, const std::string& path, std::size_t part) {
    const auto found = image.files.find(path);
    return found == image.files.end() ? "no " + path : path + "=" + letters(*found->second, part);
}

/// The possible results of a loss at a moment for some files, from many draws.
Outcomes outcomes(const LogByHand& log, Moment moment, Loss loss,
                  const std::vector<std::string>& paths = {"f"}, std::size_t part = block) {
    const Recording recording = log.recording();
    Disk disk{recording};
    disk.advance(moment);
    Outcomes all;
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
        workload::Dice dice{seed};
        const Image image = disk.lose(loss, dice);
        std::string outcome;
        for (const std::string& path : paths) {
            outcome += (outcome.empty() ? "" : " ") + shown(image, path, part);
        }
        all.insert(outcome);
    }
    return all;
}

/// f holds one synced block, and then gets two more changes: block 0 again, and block 1.
struct TwoChanges {
    TwoChanges() {
        log.with("f", full('a'));
        log.open(file, "f");
        log.write(file, 0, full('b'));
        end = log.write(file, block, full('c')) + 1;
    }
    LogByHand log;
    Moment end;
};

TEST(DiskTest, WhatWasSyncedSurvivesEveryLoss) {
    LogByHand log;
    log.open(file, "f");
    log.write(file, 0, full('a'));
    log.write(file, block, full('b'));
    log.sync(file);
    log.open_directory(directory);
    const Moment synced = log.sync(directory) + 1;
    for (std::uint8_t loss = 0; loss < losses; ++loss) {
        EXPECT_THAT(outcomes(log, synced, Loss{loss}), ElementsAre("f=ab")) << int{loss};
    }
}

TEST(DiskTest, ASyncCountsOnceItHasReturned) {
    LogByHand log;
    log.with("f", full('a'));
    log.open(file, "f");
    log.write(file, 0, full('b'));
    const Moment begun = log.sync(file);
    EXPECT_THAT(outcomes(log, begun, Loss::all), ElementsAre("f=a"));
    EXPECT_THAT(outcomes(log, begun + 1, Loss::all), ElementsAre("f=b"));
}

TEST(DiskTest, ASyncDoesNotCountForAWriteThatHadNotReturned) {
    LogByHand log;
    log.with("f", full('a'));
    log.open(file, "f");
    const Moment write = log.begin_write(file, 0, full('b'));
    const Moment sync = log.begin_sync(file);
    log.returned(write, block);
    log.returned(sync);
    EXPECT_THAT(outcomes(log, sync + 2, Loss::blocks), ElementsAre("f=a", "f=b"));
}

TEST(DiskTest, ASynchronousWriteNeedsNoSync) {
    LogByHand log;
    log.with("f", full('a', 2 * block));
    log.open(file, "f");
    log.open(other, "f", O_WRONLY | O_DSYNC);
    log.write(file, block, full('b'));
    const Moment write = log.write(other, 0, full('c'));
    EXPECT_THAT(outcomes(log, write, Loss::all), ElementsAre("f=aa"));
    EXPECT_THAT(outcomes(log, write + 1, Loss::all), ElementsAre("f=ca"));
    EXPECT_THAT(outcomes(log, write + 1, Loss::blocks), ElementsAre("f=ca", "f=cb"));
}

TEST(DiskTest, NothingLostIsWhatTheProcessSaw) {
    const TwoChanges two;
    EXPECT_THAT(outcomes(two.log, two.end, Loss::nothing), ElementsAre("f=bc"));
}

TEST(DiskTest, AllLostIsTheLastSync) {
    const TwoChanges two;
    EXPECT_THAT(outcomes(two.log, two.end, Loss::all), ElementsAre("f=a"));
}

TEST(DiskTest, EarlierLeavesABeginning) {
    const TwoChanges two;
    EXPECT_THAT(outcomes(two.log, two.end, Loss::earlier), ElementsAre("f=a", "f=b", "f=bc"));
}

TEST(DiskTest, LaterLeavesAnEnd) {
    const TwoChanges two;
    EXPECT_THAT(outcomes(two.log, two.end, Loss::later), ElementsAre("f=a0", "f=ac", "f=bc"));
}

TEST(DiskTest, BlocksArriveInAnyOrderAndWithAnySize) {
    const TwoChanges two;
    EXPECT_THAT(outcomes(two.log, two.end, Loss::blocks),
                ElementsAre("f=a", "f=a0", "f=ac", "f=b", "f=b0", "f=bc"));
}

TEST(DiskTest, ABlockMayBeWhatItWasInBetween) {
    LogByHand log;
    log.with("f", full('a'));
    log.open(file, "f");
    log.write(file, 0, full('b'));
    const Moment last = log.write(file, 0, full('c'));
    EXPECT_THAT(outcomes(log, last + 1, Loss::blocks), ElementsAre("f=a", "f=b", "f=c"));
}

TEST(DiskTest, ATornBlockIsAMixtureOfWholeSectors) {
    LogByHand log;
    log.with("f", full('a'));
    log.open(file, "f");
    const Moment last = log.write(file, 0, full('b'));
    const Outcomes torn = outcomes(log, last + 1, Loss::torn, {"f"}, sector);
    EXPECT_GT(torn.size(), 100u);
    EXPECT_THAT(torn, Not(Contains(testing::HasSubstr("!"))));
}

TEST(DiskTest, ATornSectorHoldsAnythingOnlyWhereThatCanBeBorne) {
    LogByHand log;
    log.with("f", full('a')).with("g", full('a'));
    log.open(file, "f");
    log.open(other, "g");
    log.write(other, 0, full('b'));
    const Recording recording = (log.write(file, 0, full('b')), log.recording());
    Disk disk{recording, "f"};
    disk.advance(recording.end);
    bool garbage = false;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        workload::Dice dice{seed};
        const Image image = disk.lose(Loss::torn, dice);
        garbage = garbage || letters(*image.files.at("f"), sector).find('!') != std::string::npos;
        EXPECT_EQ(letters(*image.files.at("g"), sector).find('!'), std::string::npos);
    }
    EXPECT_TRUE(garbage);
}

TEST(DiskTest, FilesArriveAsAWholeOrNotAtAll) {
    TwoChanges two;
    two.log.with("g", full('x'));
    two.log.open(other, "g");
    const Moment last = two.log.write(other, 0, full('y'));
    EXPECT_THAT(outcomes(two.log, last + 1, Loss::files, {"f", "g"}),
                ElementsAre("f=a g=x", "f=a g=y", "f=bc g=x", "f=bc g=y"));
}

/// Two files change their names in one directory.
struct TwoNames {
    TwoNames() {
        log.with("f", full('a')).with("g", full('b'));
        log.rename("f", "h");
        end = log.rename("g", "f");
    }
    LogByHand log;
    Moment end;
};

TEST(DiskTest, NamesChangeInAnyOrderEachAtOnce) {
    const TwoNames two;
    EXPECT_THAT(outcomes(two.log, two.end, Loss::names, {"f", "g", "h"}),
                ElementsAre("f=a g=b no h", "f=b no g h=a", "f=b no g no h", "no f g=b h=a"));
}

TEST(DiskTest, TheLastNameMayArriveAlone) {
    LogByHand log;
    log.with("CURRENT", full('1'));
    log.open(file, "new");
    log.write(file, 0, full('2'));
    log.sync(file);
    log.open(other, "manifest");
    log.write(other, 0, full('m'));
    const Moment last = log.rename("new", "CURRENT");
    EXPECT_THAT(outcomes(log, last, Loss::last_name, {"CURRENT", "manifest"}),
                ElementsAre("CURRENT=2 no manifest"));
}

TEST(DiskTest, ASyncedDirectoryKeepsItsNames) {
    TwoNames two;
    two.log.open_directory(directory);
    const Moment sync = two.log.sync(directory);
    EXPECT_GT(outcomes(two.log, sync, Loss::names, {"f", "g", "h"}).size(), 1u);
    EXPECT_THAT(outcomes(two.log, sync + 1, Loss::names, {"f", "g", "h"}),
                ElementsAre("f=b no g h=a"));
}

TEST(DiskTest, ADirectoryWhoseNameIsLostTakesEverythingWithIt) {
    LogByHand log;
    log.make_directory("d");
    log.open(file, "d/f");
    log.write(file, 0, full('a'));
    log.sync(file);
    log.open(directory, "d", O_RDONLY);
    const Moment synced = log.sync(directory) + 1;
    EXPECT_THAT(outcomes(log, synced, Loss::names, {"d/f"}), ElementsAre("d/f=a", "no d/f"));
}

TEST(DiskTest, WhatMovesBetweenDirectoriesIsInOneOfThem) {
    LogByHand log;
    log.make_directory("d");
    log.open_directory(other);
    log.sync(other);
    log.open(file, "f");
    log.rename("f", "d/f");
    log.open(directory, "d", O_RDONLY);
    const Moment sync = log.sync(directory);
    EXPECT_THAT(outcomes(log, sync, Loss::names, {"f", "d/f"}),
                ElementsAre("f= no d/f", "no f d/f=", "no f no d/f"));
    EXPECT_THAT(outcomes(log, sync + 1, Loss::names, {"f", "d/f"}), ElementsAre("no f d/f="));
    EXPECT_THAT(outcomes(log, sync + 1, Loss::nothing, {"f", "d/f"}), ElementsAre("no f d/f="));
}

TEST(DiskTest, ARemovedFileMayComeBack) {
    LogByHand log;
    log.with("f", full('a'));
    const Moment removed = log.remove("f");
    EXPECT_THAT(outcomes(log, removed, Loss::names), ElementsAre("f=a", "no f"));
}

TEST(DiskTest, NothingShowsAfterATruncation) {
    LogByHand log;
    log.with("f", full('a', 2 * block));
    log.open(file, "f");
    log.resize(file, 0);
    const Moment last = log.write(file, block, full('b'));
    for (const Loss loss : {Loss::blocks, Loss::torn, Loss::later, Loss::earlier}) {
        EXPECT_THAT(outcomes(log, last + 1, loss),
                    IsSubsetOf({"f=aa", "f=", "f=00", "f=0b", "f=0!"}));
    }
}

TEST(DiskTest, SpaceThatIsAskedForAndGivenBackIsZeros) {
    LogByHand log;
    log.with("f", full('a', 2 * block));
    log.open(file, "f");
    log.grow(file, 3 * block);
    const Moment last = log.clear(file, 0, block);
    EXPECT_THAT(outcomes(log, last + 1, Loss::nothing), ElementsAre("f=0a0"));
    EXPECT_THAT(outcomes(log, last + 1, Loss::blocks),
                ElementsAre("f=0a", "f=0a0", "f=aa", "f=aa0"));
}

TEST(DiskTest, AMixedLossHasAllOthersInIt) {
    const TwoChanges two;
    const Outcomes mixed = outcomes(two.log, two.end, Loss::mixed);
    EXPECT_THAT(outcomes(two.log, two.end, Loss::blocks), IsSubsetOf(mixed));
    EXPECT_THAT(mixed, Contains("f=!c")) << "a torn block";
}

}  // namespace
}  // namespace amphora::power
