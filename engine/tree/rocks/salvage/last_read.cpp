#include "tree/rocks/salvage/last_read.hpp"

#include <utility>

namespace amphora::rocks {

namespace {

using File = std::unique_ptr<rocksdb::FSRandomAccessFile>;

class NotingFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
  public:
    NotingFile(File file, std::shared_ptr<LastRead> place)
        : FSRandomAccessFileOwnerWrapper{std::move(file)}, place_{std::move(place)} {}

    rocksdb::IOStatus Read(std::uint64_t offset, std::size_t bytes,
                           const rocksdb::IOOptions& options, rocksdb::Slice* result, char* scratch,
                           rocksdb::IODebugContext* debug) const override {
        place_->offset = offset;
        return FSRandomAccessFileOwnerWrapper::Read(offset, bytes, options, result, scratch, debug);
    }

  private:
    std::shared_ptr<LastRead> place_;
};

class NotingFiles final : public rocksdb::FileSystemWrapper {
  public:
    explicit NotingFiles(std::shared_ptr<LastRead> place)
        : FileSystemWrapper{rocksdb::FileSystem::Default()}, place_{std::move(place)} {}

    [[nodiscard]] const char* Name() const override { return "NotingFiles"; }
    rocksdb::IOStatus NewRandomAccessFile(const std::string& path,
                                          const rocksdb::FileOptions& options, File* file,
                                          rocksdb::IODebugContext* debug) override {
        rocksdb::IOStatus status =
            FileSystemWrapper::NewRandomAccessFile(path, options, file, debug);
        if (status.ok()) *file = std::make_unique<NotingFile>(std::move(*file), place_);
        return status;
    }

  private:
    std::shared_ptr<LastRead> place_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> noting_files(std::shared_ptr<LastRead> place) {
    return std::make_shared<NotingFiles>(std::move(place));
}

}  // namespace amphora::rocks
