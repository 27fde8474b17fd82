#include "ordered_key_model.hpp"

#include <gtest/gtest.h>

#include <map>

namespace amphora::codec {
namespace {

constexpr SpaceId space{16};
constexpr std::size_t bytes_max = 511;

Buffer stored(Bytes key, std::size_t most = bytes_max) {
    Buffer result{key};
    limit_key(result, most);
    return result;
}

TEST(OrderedKeyLimit, LeavesShortKeysAlone) {
    const Buffer longest(bytes_max - key_hash_bytes, 'k');
    EXPECT_EQ(stored(longest), longest);
    EXPECT_FALSE(is_limited(longest, bytes_max));
    EXPECT_EQ(limited_prefix(longest, bytes_max), longest);
}

/// The content of a row must never decide whether it can be stored: a longer key is cut and hashed,
/// stays distinct, and tells by its length that it was.
TEST(OrderedKeyLimit, CutsLongKeysToExactlyTheLimit) {
    for (std::size_t size = bytes_max - key_hash_bytes + 1; size < 2000; ++size) {
        Buffer key(size, 'k');
        EXPECT_TRUE(limit_key(key, bytes_max));
        EXPECT_EQ(key.size(), bytes_max);
        EXPECT_TRUE(is_limited(key, bytes_max));
    }
    // They differ only after the part that is kept.
    const Buffer common(600, 'k');
    EXPECT_NE(stored(common + "a"), stored(common + "b"));
    EXPECT_EQ(stored(common + "a"), stored(common + "a"));
    EXPECT_EQ(limited_prefix(stored(common + "a"), bytes_max), common.substr(0, 495));
}

/// Order survives the cut except between keys that were both cut and begin alike. A scan with
/// limited bounds finds every key between the whole ones.
TEST(OrderedKeyLimit, KeepsOrderAndMissesNothingInAScan) {
    constexpr std::size_t most = 40;
    Random random;
    for (Rounds rounds{300}; rounds.next();) {
        const auto random_key = [&] {
            KeyWriter key{space};
            key.text(std::string(random.below(14), 'a') + random.text(20));
            key.text(random.text(8));
            return key.take();
        };
        const Buffer left = random_key();
        const Buffer right = random_key();
        const auto whole = left.compare(right) <=> 0;
        const Buffer left_stored = stored(left, most);
        const Buffer right_stored = stored(right, most);
        ASSERT_EQ(left_stored == right_stored, std::is_eq(whole));
        const bool alike = is_limited(left_stored, most) && is_limited(right_stored, most) &&
                           limited_prefix(left_stored, most) == limited_prefix(right_stored, most);
        if (!alike) {
            ASSERT_EQ(left_stored.compare(right_stored) <=> 0, whole)
                << hex(left) << "\n"
                << hex(right) << "\nAMPHORA_SEED=" << test_seed();
        }
        if (std::is_gteq(whole)) {
            ASSERT_GE(left_stored, limit_lower(right, most)) << "AMPHORA_SEED=" << test_seed();
        }
        if (std::is_lt(whole)) {
            const Buffer upper = limit_upper(right, most);
            ASSERT_TRUE(upper.empty() || left_stored < upper) << "AMPHORA_SEED=" << test_seed();
        }
    }
}

}  // namespace
}  // namespace amphora::codec
