#pragma once

#include "tree/lmdb/data_page.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

namespace amphora::lmdb {

/// Branch pages of one view, which every search reads first. The first ones that are read are kept,
/// as many as there is room for, until the view ends. So a page never moves, and threads need no
/// lock.
class BranchCache {
  public:
    explicit BranchCache(std::size_t pages_max)
        : slots_{std::vector<std::atomic<const DataPage*>>(
              std::bit_floor(std::max<std::size_t>(pages_max, 1)))} {}
    ~BranchCache() {
        for (const std::atomic<const DataPage*>& slot : slots_) delete slot.load();
    }
    BranchCache(const BranchCache&) = delete;
    BranchCache& operator=(const BranchCache&) = delete;

    /// None: it is not kept.
    [[nodiscard]] const DataPage* find(std::uint64_t number) const noexcept {
        for (std::size_t step = 0; step < steps_max; ++step) {
            const DataPage* page = slot_of(number, step).load(std::memory_order_acquire);
            if (page == nullptr) return nullptr;
            if (page->number() == number) return page;
        }
        return nullptr;
    }

    /// The page as it is kept from now on; none if there is no room, and then `page` is unchanged.
    [[nodiscard]] const DataPage* keep(std::unique_ptr<const DataPage>& page) noexcept {
        for (std::size_t step = 0; step < steps_max; ++step) {
            std::atomic<const DataPage*>& slot = slot_of(page->number(), step);
            const DataPage* found = nullptr;
            if (slot.compare_exchange_strong(found, page.get(), std::memory_order_acq_rel)) {
                pages_.fetch_add(1, std::memory_order_relaxed);
                return page.release();
            }
            if (found->number() == page->number()) return found;
        }
        return nullptr;
    }

    [[nodiscard]] std::uint64_t pages() const noexcept {
        return pages_.load(std::memory_order_relaxed);
    }

  private:
    static constexpr std::size_t steps_max = 4;

    [[nodiscard]] std::atomic<const DataPage*>& slot_of(std::uint64_t number,
                                                        std::size_t step) const noexcept {
        const std::uint64_t hash = (number * 0x9E3779B97F4A7C15ull) >> 32;
        return slots_[(hash + step) & (slots_.size() - 1)];
    }

    mutable std::vector<std::atomic<const DataPage*>> slots_;
    std::atomic<std::uint64_t> pages_{0};
};

}  // namespace amphora::lmdb
