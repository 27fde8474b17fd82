#include "outbox/arena.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <sys/mman.h>

namespace amphora::outbox {
namespace {
constexpr std::size_t page_bytes = 4096;
}

Arena::Arena(std::size_t first_bytes, std::size_t chunk_bytes,
             std::shared_ptr<MemoryCount> count) noexcept
    : first_bytes_{first_bytes}, chunk_bytes_{chunk_bytes}, count_{std::move(count)} {}

Arena::~Arena() {
    while (last_ != nullptr) release(std::exchange(last_, last_->before));
}

void Arena::grow(std::size_t bytes) {
    const std::size_t usual = last_ == nullptr ? first_bytes_ : chunk_bytes_;
    std::size_t size = std::max(usual, bytes + sizeof(Chunk));
    size = (size + page_bytes - 1) / page_bytes * page_bytes;
    void* const memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc{};
    last_ = new (memory) Chunk{.before = last_, .bytes = size};
    next_ = static_cast<char*>(memory) + sizeof(Chunk);
    end_ = static_cast<char*>(memory) + size;
    bytes_.fetch_add(size, std::memory_order_relaxed);
    if (count_) count_->bytes.fetch_add(size, std::memory_order_relaxed);
}

void Arena::release(Chunk* chunk) noexcept {
    const std::size_t size = chunk->bytes;
    bytes_.fetch_sub(size, std::memory_order_relaxed);
    if (count_) count_->bytes.fetch_sub(size, std::memory_order_relaxed);
    AMPHORA_ASSERT(::munmap(chunk, size) == 0);
}

void Arena::clear() noexcept {
    if (last_ == nullptr) return;
    while (last_->before != nullptr) release(std::exchange(last_, last_->before));
    next_ = reinterpret_cast<char*>(last_) + sizeof(Chunk);
    end_ = reinterpret_cast<char*>(last_) + last_->bytes;
}

}  // namespace amphora::outbox
