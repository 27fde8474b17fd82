#pragma once

#include "base/bytes.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace amphora::outbox {

/// Tells which keys are certainly not in a pending table, so that most look-ups need not search it.
/// A unique index is asked for new keys all the time, and without the filter every undelivered
/// table would be searched in vain.
///
/// A Bloom filter in blocks of one cache line (Putze, Sanders, Singler: "Cache-, Hash- and
/// Space-Efficient Bloom Filters"). One thread adds, any number read: a bit is set before the entry
/// can be found.
class KeyFilter {
  public:
    /// For about `keys` keys, with about 1.3 bytes for each. More keys only make it less exact.
    explicit KeyFilter(std::size_t keys);

    [[nodiscard]] static std::uint64_t hash(Bytes key) noexcept;
    void add(std::uint64_t hash) noexcept {
        Block& block = block_of(hash);
        for (const unsigned bit : bits_of(hash)) {
            auto& word = block.words[bit / 64];
            word.store(word.load(std::memory_order_relaxed) | std::uint64_t{1} << bit % 64,
                       std::memory_order_relaxed);
        }
    }
    [[nodiscard]] bool may_hold(std::uint64_t hash) const noexcept {
        const Block& block = block_of(hash);
        for (const unsigned bit : bits_of(hash)) {
            if ((block.words[bit / 64].load(std::memory_order_relaxed) >> bit % 64 & 1) == 0) {
                return false;
            }
        }
        return true;
    }
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return count_ * sizeof(Block); }

  private:
    struct alignas(64) Block {
        std::array<std::atomic<std::uint64_t>, 8> words{};
    };
    static constexpr std::size_t probes = 5;
    [[nodiscard]] static std::array<unsigned, probes> bits_of(std::uint64_t hash) noexcept {
        std::array<unsigned, probes> bits;
        for (unsigned& bit : bits) {
            bit = static_cast<unsigned>(hash & 511);
            hash >>= 9;
        }
        return bits;
    }
    // The upper bits choose the block, the lower ones the bits in it.
    [[nodiscard]] Block& block_of(std::uint64_t hash) const noexcept {
        return blocks_[((hash >> 45) * count_) >> 19];
    }

    std::size_t count_;
    std::unique_ptr<Block[]> blocks_;
};

}  // namespace amphora::outbox
