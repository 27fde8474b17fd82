// Recovery when memory runs out: it must report it, and not end the process.

#include "support/vessel.hpp"

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

namespace {

/// How many more allocations with an alignment, as pending tables make, are granted.
std::atomic<int> granted{1 << 30};

}  // namespace

void* operator new(std::size_t bytes, std::align_val_t alignment) {
    if (granted.fetch_sub(1) <= 0) throw std::bad_alloc{};
    const auto each = static_cast<std::size_t>(alignment);
    void* const memory = std::aligned_alloc(each, (bytes + each - 1) / each * each);
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return ::operator new(bytes, alignment);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

namespace amphora::outbox {
namespace {

using support::Vessel;

/// For every table of every tree that gets no memory, also on the second thread: the opening ends
/// with that error, the next one has everything, and a rescue does not report it as damage.
class LittleMemoryTest : public testing::TestWithParam<MissingCommits> {};

TEST_P(LittleMemoryTest, AnOpeningWithoutEnoughSaysSo) {
    auto options = Vessel::quiet();
    options.seal_bytes = 20'000;
    Vessel vessel{options};
    for (int i = 0; i < 40; ++i) {
        vessel.commit({{std::to_string(i), std::string(2'000, 'r')}},
                      {{std::to_string(i), std::string(2'000, 'd')}});
    }
    const auto remains = vessel.kill();
    vessel.options.missing = GetParam();
    int refusals = 0;
    for (bool opened = false; !opened; ++refusals) {
        ASSERT_LT(refusals, 200);
        granted = refusals;
        try {
            vessel.open(remains);
            opened = true;
        } catch (const std::bad_alloc&) {
        }
        granted = 1 << 30;
    }
    EXPECT_GE(refusals, 4);  // of the tables that are made, two threads share them
    EXPECT_EQ(vessel.outbox->published(), Sequence{40});
    vessel.deliver_all();
    EXPECT_EQ(vessel.documents.content().size(), 40u);
    EXPECT_EQ(vessel.relational.content().size(), 40u);
}

INSTANTIATE_TEST_SUITE_P(All, LittleMemoryTest,
                         testing::Values(MissingCommits::refuse, MissingCommits::leave_out));

}  // namespace
}  // namespace amphora::outbox
