#include "journal/live/commit_queue.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

namespace amphora::journal {
namespace {

void append(CommitQueue& queue, const std::string& record) {
    queue.reserve_one();
    queue.push(record);
}

/// One thread writes the queue without the journal's lock while another appends: many weak commits
/// while a slow disk writes a large frame. If records moved meanwhile, they would be read as empty
/// ones, in a frame whose checksum matches.
TEST(CommitQueueTest, WhatIsBeingWrittenStaysWhereItIsWhileMoreQueues) {
    CommitQueue queue;
    append(queue, "the first of them, too long to fit inside of its handle");
    const std::vector<Buffer>& taken = queue.take();
    const Buffer* const place = taken.data();
    for (std::size_t i = 0; i < 1000; ++i) append(queue, "more");
    EXPECT_EQ(taken.data(), place);
    EXPECT_EQ(taken.size(), 1u);
    EXPECT_EQ(queue.take().size(), 1000u);
}

/// `append` must not fail, and another thread may take the queue between it and its `reserve`.
TEST(CommitQueueTest, HasRoomForTheNextRecordWheneverItIsTaken) {
    CommitQueue queue;
    std::size_t takes = 0;
    for (std::size_t records = 1; records < 200; ++records) {
        for (std::size_t i = 0; i < records; ++i) append(queue, "record");
        queue.reserve_one();
        takes += queue.take().empty() ? 0 : 1;
        EXPECT_GT(queue.records().capacity(), queue.records().size());
        queue.push("the one that room was made for");
    }
    EXPECT_EQ(takes, 199u);
}

}  // namespace
}  // namespace amphora::journal
