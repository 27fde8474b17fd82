#include "tree/rocks/environment/ordered_names.hpp"
#include "tree/scratch.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <gmock/gmock.h>

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace amphora::tree::testing {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

/// The names of files that a power cut could remove, because their directory was not synced since.
class Names {
  public:
    void made(const std::string& path) {
        const std::lock_guard lock{mutex_};
        unsure_.insert(path);
    }
    void synced() {
        const std::lock_guard lock{mutex_};
        unsure_.clear();
    }
    void renamed(const std::string& to) {
        const std::lock_guard lock{mutex_};
        ++renames_;
        for (const std::string& path : unsure_) stood_on_.push_back(to + " before " + path);
        unsure_.insert(to);
    }
    [[nodiscard]] int renames() const { return renames_; }
    /// Renames that were made before another name was durable, in words.
    [[nodiscard]] const std::vector<std::string>& stood_on() const { return stood_on_; }

  private:
    std::mutex mutex_;
    std::set<std::string> unsure_;
    std::vector<std::string> stood_on_;
    int renames_ = 0;
};

class WatchedDirectory final : public rocksdb::FSDirectoryWrapper {
  public:
    WatchedDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, Names& names)
        : FSDirectoryWrapper{std::move(directory)}, names_{names} {}
    IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
        names_.synced();
        return FSDirectoryWrapper::Fsync(options, debug);
    }
    IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                                 const rocksdb::DirFsyncOptions& how) override {
        names_.synced();
        return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how);
    }

  private:
    Names& names_;
};

/// A file system that reports what happens to the names in one directory.
class WatchedNames final : public rocksdb::FileSystemWrapper {
  public:
    explicit WatchedNames(Names& names)
        : FileSystemWrapper{rocksdb::FileSystem::Default()}, names_{names} {}
    [[nodiscard]] const char* Name() const override { return "WatchedNames"; }

    IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                             IODebugContext* debug) override {
        names_.made(path);
        return FileSystemWrapper::NewWritableFile(path, options, file, debug);
    }
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                        IODebugContext* debug) override {
        names_.renamed(to);
        return FileSystemWrapper::RenameFile(from, to, options, debug);
    }
    IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                          std::unique_ptr<rocksdb::FSDirectory>* directory,
                          IODebugContext* debug) override {
        IOStatus status = FileSystemWrapper::NewDirectory(path, options, directory, debug);
        if (status.ok()) {
            *directory = std::make_unique<WatchedDirectory>(std::move(*directory), names_);
        }
        return status;
    }

  private:
    Names& names_;
};

/// RocksDB makes a manifest and renames another file to CURRENT, which names it. If the second name
/// were on the disk without the first, the tree could not be opened any more.
TEST(OrderedNames, ARenameStandsOnDurableNames) {
    const ScratchDirectory scratch;
    Names names;
    const auto environment = rocksdb::NewCompositeEnv(
        std::make_shared<rocks::OrderedNames>(std::make_shared<WatchedNames>(names)));
    rocksdb::Options options;
    options.create_if_missing = true;
    options.env = environment.get();
    for (int opening = 0; opening < 2; ++opening) {
        rocksdb::DB* database = nullptr;
        ASSERT_TRUE(rocksdb::DB::Open(options, scratch / "tree", &database).ok());
        const std::unique_ptr<rocksdb::DB> closed_at_the_end(database);
        ASSERT_TRUE(database->Put({}, "key", "value").ok());
    }
    EXPECT_GE(names.renames(), 2);
    EXPECT_THAT(names.stood_on(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace amphora::tree::testing
