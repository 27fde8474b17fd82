#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace amphora::transaction {

/// The living readers and their ages. Readers keep pages and tables alive, so the oldest one
/// matters.
class Readers {
  public:
    /// One reader, registered while it lives, in the order of their beginning.
    class Entry {
      public:
        explicit Entry(Readers& readers);
        ~Entry();
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
        [[nodiscard]] std::int64_t since_ms() const noexcept { return since_ms_; }
        /// It looks up a key, or begins to walk over keys. Any thread.
        void note_read() const noexcept { reads_.fetch_add(1, std::memory_order_relaxed); }

      private:
        friend class Readers;
        Readers& readers_;
        std::int64_t since_ms_;
        mutable std::atomic<std::uint64_t> reads_{0};  // here, so that readers share no count
        Entry* before_ = nullptr;
        Entry* after_ = nullptr;
    };

    [[nodiscard]] std::uint64_t count() const;
    /// Age of the oldest; 0 if there is none.
    [[nodiscard]] std::uint64_t oldest_ms() const;
    /// What all readers have noted so far. Grows only.
    [[nodiscard]] std::uint64_t reads() const;

    /// Throws `snapshot_expired` once the steady clock has passed `expires_ms`.
    static void require_before(std::int64_t expires_ms);

  private:
    mutable std::mutex mutex_;
    Entry* oldest_ = nullptr;
    Entry* newest_ = nullptr;
    std::uint64_t count_ = 0;
    std::uint64_t reads_ = 0;  ///< of readers that have ended
};

}  // namespace amphora::transaction
