#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace amphora::rocks {

/// Is told before each piece of a table file is written. On threads of RocksDB's.
class WriteWatch {
  public:
    virtual ~WriteWatch() = default;
    virtual void before_write(std::uint64_t bytes) noexcept = 0;
};

/// Tells a watch what is written to table files, piece by piece, while there is a watch. Pieces of
/// a compaction are small, so that a watch is told in time that the room ends.
class WatchedFiles final : public rocksdb::FileSystemWrapper {
  public:
    using FileSystemWrapper::FileSystemWrapper;

    /// Of a compaction; an entry that is larger is a piece of its own.
    static constexpr std::uint64_t piece_bytes = 64u << 10;

    /// Of the table files that are begun from now on. `nullptr`: nobody, also of those begun
    /// before; when the call returns the earlier watch is told nothing more.
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
