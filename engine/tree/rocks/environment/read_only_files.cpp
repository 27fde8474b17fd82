#include "tree/rocks/environment/read_only_files.hpp"

#include "base/file.hpp"
#include "tree/rocks/environment/manifest_tail.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace amphora::rocks {

namespace {

using File = std::unique_ptr<rocksdb::FSSequentialFile>;

/// A file that ends at a given offset.
class Beginning final : public rocksdb::FSSequentialFileOwnerWrapper {
  public:
    Beginning(File file, std::uint64_t bytes)
        : FSSequentialFileOwnerWrapper{std::move(file)}, bytes_{bytes} {}

    rocksdb::IOStatus Read(std::size_t bytes, const rocksdb::IOOptions& options,
                           rocksdb::Slice* result, char* scratch,
                           rocksdb::IODebugContext* debug) override {
        rocksdb::IOStatus status = FSSequentialFileOwnerWrapper::Read(
            std::min<std::uint64_t>(bytes, bytes_ - at_), options, result, scratch, debug);
        if (status.ok()) at_ += result->size();
        return status;
    }
    rocksdb::IOStatus Skip(std::uint64_t bytes) override {
        const std::uint64_t step = std::min(bytes, bytes_ - at_);
        at_ += step;
        return FSSequentialFileOwnerWrapper::Skip(step);
    }
    rocksdb::IOStatus PositionedRead(std::uint64_t offset, std::size_t bytes,
                                     const rocksdb::IOOptions& options, rocksdb::Slice* result,
                                     char* scratch, rocksdb::IODebugContext* debug) override {
        const std::uint64_t left = bytes_ - std::min(offset, bytes_);
        return FSSequentialFileOwnerWrapper::PositionedRead(
            offset, std::min<std::uint64_t>(bytes, left), options, result, scratch, debug);
    }

  private:
    std::uint64_t bytes_;
    std::uint64_t at_ = 0;
};

/// RocksDB reads a manifest only from its beginning to its end.
class WithoutTail final : public rocksdb::FileSystemWrapper {
  public:
    WithoutTail(const std::shared_ptr<rocksdb::FileSystem>& files, UnfinishedTail tail)
        : FileSystemWrapper{files}, tail_{std::move(tail)} {}

    [[nodiscard]] const char* Name() const override { return "WithoutTail"; }
    rocksdb::IOStatus NewSequentialFile(const std::string& path,
                                        const rocksdb::FileOptions& options, File* file,
                                        rocksdb::IODebugContext* debug) override {
        rocksdb::IOStatus status = FileSystemWrapper::NewSequentialFile(path, options, file, debug);
        if (status.ok() && path.substr(path.find_last_of('/') + 1) == tail_.manifest) {
            *file = std::make_unique<Beginning>(std::move(*file), tail_.begin);
        }
        return status;
    }

  private:
    UnfinishedTail tail_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> read_only_files(const std::string& directory, const Log& log) {
    std::shared_ptr<rocksdb::FileSystem> files = rocksdb::FileSystem::Default();
    const auto tail = find_unfinished_tail(operating_system_files(), directory);
    if (!tail) return files;
    if (log) {
        log(
            fmt::format("{}: {} bytes of an unfinished write at the end of {} are not read; "
                        "opening for writing cuts them off",
                        directory, tail->bytes, tail->manifest));
    }
    return std::make_shared<WithoutTail>(files, *tail);
}

}  // namespace amphora::rocks
