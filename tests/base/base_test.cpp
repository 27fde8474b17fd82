#include "base/assert.hpp"
#include "base/checksum.hpp"
#include "base/clock.hpp"
#include "base/histogram.hpp"
#include "base/ids.hpp"
#include "base/started_thread.hpp"
#include "base/thread_name.hpp"

#include <amphora/error.hpp>

#include <set>
#include <thread>

#include <pthread.h>

namespace amphora {
namespace {

/// Every code has a spelling of its own; the list ends where the enumeration does.
TEST(ErrorTest, EveryCodeHasItsSpelling) {
    std::set<std::string_view> spellings;
    for (int code = 0; code <= static_cast<int>(ErrorCode::corrupt); ++code) {
        EXPECT_TRUE(spellings.insert(to_string(static_cast<ErrorCode>(code))).second) << code;
    }
    EXPECT_FALSE(spellings.contains("unknown"));
    EXPECT_EQ(to_string(ErrorCode::duplicate_key), "duplicate_key");
    EXPECT_EQ(to_string(static_cast<ErrorCode>(250)), "unknown");
    const Error error(ErrorCode::timeout, "too late");
    EXPECT_EQ(error.code(), ErrorCode::timeout);
    EXPECT_STREQ(error.what(), "too late");
}

TEST(AssertTest, ABrokenInvariantStopsTheProcessWithItsPlace) {
    AMPHORA_ASSERT(1 + 1 == 2);
    EXPECT_DEATH(AMPHORA_ASSERT(1 + 1 == 3), "broken invariant: 1 \\+ 1 == 3 .*base_test.cpp:");
}

/// Stored checksums must mean the same for ever: these values are in people's files.
TEST(ChecksumTest, IsXxh3) {
    EXPECT_EQ(checksum64(""), 0x2d06800538d394c2u);  // the published value of XXH3 for no bytes
    EXPECT_EQ(checksum32("amphora"), static_cast<std::uint32_t>(checksum64("amphora")));
    EXPECT_NE(checksum64("amphora", 1), checksum64("amphora", 2));
    EXPECT_NE(checksum64("amphora"), checksum64("amphorb"));
    EXPECT_EQ(hash128(""), (Hash128{.high = 0x99aa06d3014798d8u, .low = 0x6001c324468d497fu}));
}

TEST(IdsTest, UuidsDifferAndHaveAText) {
    EXPECT_NE(make_uuid(), make_uuid());
    Uuid uuid;
    uuid.bytes = {0x0f, 0xa0};
    EXPECT_EQ(to_string(uuid), "0fa00000000000000000000000000000");
}

TEST(ClockTest, CanBeSetForAWhile) {
    struct Stopped final : Clock {
        std::int64_t now_us() const noexcept override { return 7; }
        std::int64_t steady_ms() const noexcept override { return 8; }
    } stopped;
    {
        const ClockInUse in_use(stopped);
        EXPECT_EQ(now_us(), 7);
        EXPECT_EQ(steady_ms(), 8);
    }
    EXPECT_GT(now_us(), 1'700'000'000'000'000);
    const std::int64_t before = steady_ms();
    EXPECT_GE(steady_ms(), before);
}

/// Each duration is in its bucket, buckets follow each other without gaps, and none is wider than a
/// sixteenth of its values.
TEST(HistogramTest, BucketsCoverEverythingOnce) {
    for (std::size_t bucket = 0; bucket + 1 < Histogram::buckets; ++bucket) {
        const std::uint64_t longest = Histogram::longest_of(bucket);
        ASSERT_EQ(Histogram::bucket_of(longest), bucket);
        ASSERT_EQ(Histogram::bucket_of(longest + 1), bucket + 1);
        const std::uint64_t width = bucket == 0 ? 1 : longest - Histogram::longest_of(bucket - 1);
        ASSERT_LE(width, std::max<std::uint64_t>(1, longest / 16));
    }
    EXPECT_EQ(Histogram::bucket_of(UINT64_MAX), Histogram::buckets - 1);
}

TEST(HistogramTest, PercentilesOfManyThreads) {
    Histogram histogram;
    EXPECT_EQ(histogram.percentile(0.5), 0u);
    EXPECT_EQ(histogram.mean(), 0.0);
    std::vector<std::thread> threads;
    for (std::uint64_t thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (std::uint64_t i = thread + 1; i <= 10'000; i += 4) histogram.record(i);
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(histogram.count(), 10'000u);
    EXPECT_EQ(histogram.max(), 10'000u);
    EXPECT_DOUBLE_EQ(histogram.mean(), 5000.5);
    EXPECT_EQ(histogram.percentile(0), 1u);
    EXPECT_EQ(histogram.percentile(1), 10'000u);
    EXPECT_GE(histogram.percentile(0.5), 5'000u);
    EXPECT_LE(histogram.percentile(0.5), 5'000u * 17 / 16);
    EXPECT_GE(histogram.percentile(0.99), 9'900u);
    histogram.record(UINT64_MAX);
    EXPECT_EQ(histogram.percentile(1), UINT64_MAX);
}

/// If the system gives no thread, the caller gets our own kind of error, which names the thread and
/// the reason.
TEST(StartedThreadTest, ThatIsRefusedIsNamed) {
    pthread_attr_t usual;
    pthread_attr_t too_large;
    ASSERT_EQ(::pthread_getattr_default_np(&usual), 0);
    ASSERT_EQ(::pthread_attr_init(&too_large), 0);
    ASSERT_EQ(::pthread_attr_setstacksize(&too_large, std::size_t{1} << 50), 0);
    ASSERT_EQ(::pthread_setattr_default_np(&too_large), 0);
    std::string answer;
    try {
        start_thread("a copy", [] {}).join();
    } catch (const Error& error) {
        answer = error.what();
        EXPECT_EQ(error.code(), ErrorCode::io_error);
    }
    ASSERT_EQ(::pthread_setattr_default_np(&usual), 0);
    ::pthread_attr_destroy(&too_large);
    ::pthread_attr_destroy(&usual);
    EXPECT_TRUE(answer.starts_with("starting a thread for a copy: ")) << answer;
    bool done = false;
    start_thread("a copy", [&] { done = true; }).join();
    EXPECT_TRUE(done);
}

TEST(ThreadNameTest, LongNamesAreShortened) {
    std::thread([] {
        name_thread("amphora-with-a-long-name");
        char name[16];
        ::pthread_getname_np(::pthread_self(), name, sizeof name);
        EXPECT_STREQ(name, "amphora-with-a-");
    }).join();
}

}  // namespace
}  // namespace amphora
