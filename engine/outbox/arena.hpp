#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

/// Memory that is taken front to back, and freed all at once.
namespace amphora::outbox {

/// Memory in use, summed over several arenas. Outlives them.
struct MemoryCount {
    std::atomic<std::uint64_t> bytes{0};
};

/// Chunks of memory directly from the operating system. So freeing them is a few system calls, and
/// the process really becomes smaller.
///
/// Invariant: after `reserve(n)`, calls of `take` that add up to `n` cannot fail.
class Arena {
  public:
    /// `first_bytes` and `chunk_bytes`: sizes of the first and of each later chunk. Nothing is
    /// allocated before the first `reserve`.
    Arena(std::size_t first_bytes, std::size_t chunk_bytes,
          std::shared_ptr<MemoryCount> count) noexcept;
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// Throws `std::bad_alloc` with nothing changed.
    void reserve(std::size_t bytes) {
        if (bytes > static_cast<std::size_t>(end_ - next_)) [[unlikely]] {
            grow(bytes);
        }
    }
    /// Aligned to eight bytes if all sizes taken are multiples of eight.
    [[nodiscard]] char* take(std::size_t bytes) noexcept {
        char* const result = next_;
        next_ += bytes;
        return result;
    }

    /// Frees everything that was taken; keeps the first chunk for reuse.
    void clear() noexcept;

    /// The size of all chunks, used or not.
    [[nodiscard]] std::uint64_t bytes() const noexcept {
        return bytes_.load(std::memory_order_relaxed);
    }

  private:
    struct Chunk {
        Chunk* before;
        std::size_t bytes;
    };
    void grow(std::size_t bytes);
    void release(Chunk* chunk) noexcept;

    char* next_ = nullptr;
    char* end_ = nullptr;
    Chunk* last_ = nullptr;
    std::atomic<std::uint64_t> bytes_{0};
    const std::size_t first_bytes_;
    const std::size_t chunk_bytes_;
    const std::shared_ptr<MemoryCount> count_;
};

}  // namespace amphora::outbox
