#include <amphora/object_id.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <set>
#include <thread>
#include <vector>

namespace amphora {
namespace {

TEST(ObjectId, IsSpelledInHexadecimal) {
    const auto id = ObjectId::parse("507F1f77bcf86cd799439011");
    ASSERT_TRUE(id);
    EXPECT_EQ(id->hex(), "507f1f77bcf86cd799439011");
    EXPECT_EQ(id->created_at(), DateTime{1350508407'000000});
    EXPECT_FALSE(ObjectId::parse("507f1f77bcf86cd79943901"));
    EXPECT_FALSE(ObjectId::parse("507f1f77bcf86cd7994390111"));
    EXPECT_FALSE(ObjectId::parse("507f1f77bcf86cd79943901g"));
}

/// Four threads make ids as fast as they can, within one second and beyond; no two are alike.
TEST(ObjectId, IsNeverMadeTwice) {
    std::vector<std::vector<ObjectId>> made(4);
    std::vector<std::thread> threads;
    threads.reserve(made.size());
    for (auto& ids : made) {
        threads.emplace_back([&ids] {
            for (int i = 0; i < 50'000; ++i) ids.push_back(ObjectId::generate());
        });
    }
    for (auto& thread : threads) thread.join();
    std::set<ObjectId> distinct;
    for (const auto& ids : made) distinct.insert(ids.begin(), ids.end());
    EXPECT_EQ(distinct.size(), 200'000u);
}

TEST(ObjectId, CarriesTheSecondItWasMadeIn) {
    const auto seconds = [] {
        return std::chrono::duration_cast<std::chrono::seconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    };
    const auto before = seconds();
    const auto made = ObjectId::generate().created_at().microseconds / 1'000'000;
    EXPECT_LE(before, made);
    EXPECT_LE(made, seconds());
}

/// A child process that continued its parent's counter would make its parent's next ids.
TEST(ObjectId, OfAForkedChildDiffersFromItsParents) {
    static_cast<void>(ObjectId::generate());
    int channel[2];
    ASSERT_EQ(pipe(channel), 0);
    const pid_t child = fork();
    ASSERT_NE(child, -1);
    if (child == 0) {
        const ObjectId id = ObjectId::generate();
        const auto written = write(channel[1], id.bytes().data(), ObjectId::size);
        _exit(written == static_cast<ssize_t>(ObjectId::size) ? 0 : 1);
    }
    std::array<std::uint8_t, ObjectId::size> bytes{};
    ASSERT_EQ(read(channel[0], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    int status = 0;
    waitpid(child, &status, 0);
    close(channel[0]);
    close(channel[1]);
    const ObjectId mine = ObjectId::generate();
    EXPECT_FALSE(std::equal(bytes.begin() + 4, bytes.begin() + 9, mine.bytes().begin() + 4));
}

}  // namespace
}  // namespace amphora
