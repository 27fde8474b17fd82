#include "outbox/key_filter.hpp"

#include <string>

namespace amphora::outbox {
namespace {

/// A key that was added is always found, and of other keys few are suspected; with four times the
/// keys for which it was made it is less exact, but still never wrong.
TEST(KeyFilterTest, NeverDeniesWhatWasAdded) {
    constexpr int keys = 20'000;
    KeyFilter filter{keys};
    const auto hash = [](int number) { return KeyFilter::hash("key " + std::to_string(number)); };
    const auto suspected = [&] {
        int count = 0;
        for (int i = 0; i < keys; ++i) count += filter.may_hold(hash(-1 - i));
        return count;
    };
    EXPECT_EQ(suspected(), 0);
    for (int i = 0; i < keys; ++i) filter.add(hash(i));
    EXPECT_LT(suspected(), keys / 20);
    for (int i = keys; i < 4 * keys; ++i) filter.add(hash(i));
    for (int i = 0; i < 4 * keys; ++i) ASSERT_TRUE(filter.may_hold(hash(i)));
}

/// Even the smallest one works.
TEST(KeyFilterTest, TakesKeysWhereNoneWereExpected) {
    KeyFilter filter{0};
    const auto hash = KeyFilter::hash("a");
    EXPECT_FALSE(filter.may_hold(hash));
    filter.add(hash);
    EXPECT_TRUE(filter.may_hold(hash));
    EXPECT_EQ(filter.memory_bytes(), 64u);
}

}  // namespace
}  // namespace amphora::outbox
