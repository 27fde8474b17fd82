#include "tree/rocks/environment/watched_files.hpp"

#include <algorithm>
#include <utility>

namespace amphora::rocks {

namespace {

class WatchedFile final : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    WatchedFile(std::unique_ptr<rocksdb::FSWritableFile>&& file,
                std::shared_ptr<WatchedFiles::Watched> watched)
        : FSWritableFileOwnerWrapper{std::move(file)}, watched_{std::move(watched)} {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
        tell(data.size());
        return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& verification,
                             rocksdb::IODebugContext* debug) override {
        tell(data.size());
        return FSWritableFileOwnerWrapper::Append(data, options, verification, debug);
    }

  private:
    void tell(std::uint64_t bytes) const noexcept {
        const std::lock_guard lock{watched_->mutex};
        if (watched_->watch != nullptr) watched_->watch->before_write(bytes);
    }

    std::shared_ptr<WatchedFiles::Watched> watched_;
};

}  // namespace

void WatchedFiles::watch(WriteWatch* watch) {
    const std::lock_guard lock{watched_->mutex};
    watched_->watch = watch;
}

rocksdb::IOStatus WatchedFiles::NewWritableFile(const std::string& path,
                                                const rocksdb::FileOptions& options,
                                                std::unique_ptr<rocksdb::FSWritableFile>* file,
                                                rocksdb::IODebugContext* debug) {
    rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(path, options, file, debug);
    if (!status.ok() || !path.ends_with(".sst")) return status;
    const bool is_watched = [&] {
        const std::lock_guard lock{watched_->mutex};
        return watched_->watch != nullptr;
    }();
    if (is_watched) *file = std::make_unique<WatchedFile>(std::move(*file), watched_);
    return status;
}

rocksdb::FileOptions WatchedFiles::OptimizeForCompactionTableWrite(
    const rocksdb::FileOptions& options, const rocksdb::ImmutableDBOptions& settings) const {
    rocksdb::FileOptions smaller =
        FileSystemWrapper::OptimizeForCompactionTableWrite(options, settings);
    smaller.writable_file_max_buffer_size = std::min<std::size_t>(
        smaller.writable_file_max_buffer_size, static_cast<std::size_t>(piece_bytes));
    return smaller;
}

}  // namespace amphora::rocks
