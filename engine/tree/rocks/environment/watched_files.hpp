#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace amphora::rocks {

/// Called before each piece of a table file is written, on RocksDB's threads.
class WriteWatch {
  public:
    virtual ~WriteWatch() = default;
    virtual void before_write(std::uint64_t bytes) noexcept = 0;
};

/// Calls a watch, if one is set, before each write to a table file. A compaction writes in small
/// pieces, so that the watch learns in time that the room ends.
class WatchedFiles final : public rocksdb::FileSystemWrapper {
  public:
    using FileSystemWrapper::FileSystemWrapper;

    /// The most that a compaction writes at once, unless a single entry is larger.
    static constexpr std::uint64_t piece_bytes = 64u << 10;

    /// Sets the watch of the table files that are begun from now on. `nullptr`: none, also for
    /// files that were begun before. When this returns, the earlier watch is not called any more.
    void watch(WriteWatch* watch);

    [[nodiscard]] const char* Name() const override { return "WatchedFiles"; }
    rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
    rocksdb::FileOptions OptimizeForCompactionTableWrite(
        const rocksdb::FileOptions& options,
        const rocksdb::ImmutableDBOptions& settings) const override;

    /// Shared with the files, which may outlive the watch.
    struct Watched {
        std::mutex mutex;
        WriteWatch* watch = nullptr;
    };

  private:
    std::shared_ptr<Watched> watched_ = std::make_shared<Watched>();
};

}  // namespace amphora::rocks
