#pragma once

#include "base/log.hpp"

#include <rocksdb/listener.h>
#include <rocksdb/status.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

/// Failures of RocksDB's background work. One failure latches the whole database against writes
/// until it is resumed. The relay resumes it, at most as often as the back-off allows.
namespace amphora::rocks {

class BackgroundErrors final : public rocksdb::EventListener {
  public:
    BackgroundErrors(std::string directory, std::uint32_t retry_ms_min, std::uint32_t retry_ms_max,
                     Log log)
        : directory_{std::move(directory)},
          retry_ms_min_{retry_ms_min},
          retry_ms_max_{retry_ms_max},
          log_{std::move(log)} {}

    const char* Name() const override { return "amphora"; }
    void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;
    /// RocksDB's own recovery polls in a separate thread and returns "busy" meanwhile, so it is
    /// off.
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                              bool* auto_recovery) override {
        *auto_recovery = false;
    }

    void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) override;

    /// How many flushes have completed; and a wait for more than `seen`. False: the time ran out.
    [[nodiscard]] std::uint64_t flushes() const;
    [[nodiscard]] bool await_flush_after(std::uint64_t seen, std::chrono::milliseconds time);

    /// A failure that was seen elsewhere: a write or a flush returned it.
    void note(const rocksdb::Status& status) noexcept;
    /// The failure that has latched the database, if any.
    [[nodiscard]] std::optional<rocksdb::Status> latched() const;
    /// Whether it is time for another attempt to recover; if so, the next one is delayed longer.
    [[nodiscard]] bool may_try_again() noexcept;
    void recovered() noexcept;
    /// An attempt to recover has failed. RocksDB 7.8 may then have lost the request for the flush,
    /// and the next attempt would wait for it for ever. So there is no other attempt until the tree
    /// is reopened.
    void give_up() noexcept { given_up_ = true; }
    [[nodiscard]] bool given_up() const noexcept { return given_up_; }

  private:
    std::string directory_;
    std::uint32_t retry_ms_min_;
    std::uint32_t retry_ms_max_;
    Log log_;
    std::atomic<bool> is_latched_{false};  ///< saves the lock while the database is healthy
    std::atomic<bool> given_up_{false};
    mutable std::mutex mutex_;
    std::condition_variable flushed_;
    std::uint64_t flushes_ = 0;
    rocksdb::Status status_;
    std::int64_t next_try_ms_ = 0;
    std::int64_t wait_ms_ = 0;
};

}  // namespace amphora::rocks
