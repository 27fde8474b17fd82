// A delivery during which memory runs out: it changes nothing, and the next one succeeds.

#include "tree/tree_fixture.hpp"

#include <climits>
#include <cstdlib>
#include <new>
#include <vector>

namespace {

/// How many more allocations of this thread succeed.
thread_local long granted = LONG_MAX;

}  // namespace

void* operator new(std::size_t bytes) {
    if (granted-- <= 0) throw std::bad_alloc{};
    void* const memory = std::malloc(bytes);
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}
void* operator new[](std::size_t bytes) {
    return ::operator new(bytes);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace amphora::tree::testing {
namespace {

/// Memory runs out at every allocation in turn. If an abandoned transaction kept LMDB's write lock,
/// the next one would wait for ever. (RocksDB does not survive this, see
/// tree/rocks/database/opened_database.hpp.)
TEST(LittleMemory, ADeliveryOfRowsCanBeTriedAgain) {
    const ScratchDirectory scratch;
    const auto tree = open_tree(Kind::lmdb, scratch / "tree", OpenMode::create);
    std::uint64_t delivered = 0;
    const auto deliver = [&](long memory) {
        const std::string key = "a key too long to fit in its handle " + std::to_string(delivered);
        const std::vector<Change> changes{{.key = key, .value = Bytes("a row")}};
        const Mark mark{.epoch = Epoch{1}, .sequence = Sequence{delivered + 1}, .chain = 7};
        try {
            granted = memory;
            tree->apply(changes, mark);
            granted = LONG_MAX;
            ++delivered;
            return true;
        } catch (const std::bad_alloc&) {
            granted = LONG_MAX;
            return false;
        }
    };
    ASSERT_TRUE(deliver(LONG_MAX));
    long refusals = 0;
    while (!deliver(refusals)) ASSERT_LT(++refusals, 200);
    EXPECT_GE(refusals, 5);
    EXPECT_EQ(number(tree->delivered().sequence), delivered);
    EXPECT_EQ(contents(*tree->view()).size(), delivered);
}

}  // namespace
}  // namespace amphora::tree::testing
