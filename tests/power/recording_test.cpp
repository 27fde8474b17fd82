// A recording is complete: what makes one incomplete, by hand, and a real run that must be
// complete.

#include "power/log_by_hand.hpp"
#include "power/recorded_victim.hpp"
#include "support/scratch_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphora::power {
namespace {

using testing::HasSubstr;

Image holding(const std::string& path, const std::string& content) {
    Image image;
    image.files[path] = std::make_shared<const std::string>(content);
    return image;
}

std::string why_unfaithful(const LogByHand& log, const Image& left) {
    return unfaithful(log.recording(), left).value_or("");
}

TEST(RecordingTest, WhatTheProcessLeftMustFollowFromTheLog) {
    LogByHand log;
    log.open(3, "f");
    log.write(3, 0, "abc");
    EXPECT_EQ(why_unfaithful(log, holding("f", "abc")), "");
    EXPECT_THAT(why_unfaithful(log, holding("f", "abd")), HasSubstr("f is another from byte 2"));
    EXPECT_THAT(why_unfaithful(log, holding("f", "ab")), HasSubstr("should have 3 bytes"));
    EXPECT_THAT(why_unfaithful(log, holding("g", "abc")), HasSubstr("there are g"));
}

TEST(RecordingTest, NothingButTheLockFileIsWrittenThroughMemory) {
    for (const char* path : {"data.mdb", "x/lock.mdb"}) {
        LogByHand log;
        log.make_directory("x");
        log.open(3, path);
        log.grow(3, 10);
        log.map(3);
        Image left = holding(path, "0123456789");
        left.directories.insert("x");
        EXPECT_EQ(why_unfaithful(log, left).empty(), std::string{path} == "x/lock.mdb") << path;
    }
}

TEST(RecordingTest, AnOffenceIsReported) {
    LogByHand log;
    log.offend("copy_file_range");
    EXPECT_THAT(why_unfaithful(log, {}), HasSubstr("copy_file_range"));
}

TEST(RecordingTest, AFailedCallIsReported) {
    LogByHand log;
    log.open(3, "f");
    log.returned(log.begin_sync(3), -1);
    EXPECT_THAT(why_unfaithful(log, holding("f", "")), HasSubstr("failed"));
}

TEST(RecordingTest, AShortWriteIsAsLongAsItReturned) {
    LogByHand log;
    log.open(3, "f");
    log.returned(log.begin_write(3, 0, "abc"), 2);
    EXPECT_EQ(why_unfaithful(log, holding("f", "ab")), "");
}

TEST(RecordingTest, ALogMayEndWithinARecord) {
    LogByHand log;
    log.open(3, "f");
    log.write(3, 0, "abc");
    const std::string whole = log.bytes();
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
        const Recording recording = Recording::read(whole.substr(0, bytes), LogByHand::watched, {});
        EXPECT_LE(recording.events.size(), 2u);
    }
}

/// A real run over both stores with all libraries in it. Every write, LMDB's through its
/// synchronous descriptor included, every sync and every name is in the log: replayed, it gives
/// byte by byte the contents of the directory.
TEST(RecordingTest, ARealRunIsRecordedAsAWhole) {
    const support::ScratchDirectory folder;
    const RecordedVictim victim{
        .folder = folder.path(), .workload_seed = 5, .plan_seed = 5, .cycle = 0, .commits = 200};
    const Recording recording = victim.record({});
    std::map<std::string, std::uint64_t> seen;
    for (const Event& event : recording.events) {
        if (event.action == Action::write) ++seen[event.is_synced ? "synchronous" : "write"];
        if (event.action == Action::sync) ++seen["sync"];
        if (event.action == Action::name) ++seen[event.from.is_none() ? "creation" : "rename"];
    }
    EXPECT_GT(seen["write"], 100u);
    EXPECT_GT(seen["synchronous"], 0u) << "LMDB writes its meta pages so";
    EXPECT_GT(seen["sync"], 10u);
    EXPECT_GT(seen["creation"], 5u);
    EXPECT_GT(seen["rename"], 1u);
    EXPECT_EQ(recording.mapped.size(), 2u) << "LMDB's lock file, and the page for observers";
    EXPECT_GT(recording.said.size(), 200u);
}

}  // namespace
}  // namespace amphora::power
