#include "tree/rocks/environment/bounded_resume.hpp"
#include "tree/rocks/environment/background_errors.hpp"
#include "tree/scratch.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>

namespace amphora::tree::testing {
namespace {

/// A disk without room for table files, as long as it is full.
class FullDisk final : public rocksdb::FileSystemWrapper {
  public:
    FullDisk() : FileSystemWrapper{rocksdb::FileSystem::Default()} {}
    [[nodiscard]] const char* Name() const override { return "FullDisk"; }

    rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override {
        if (is_full && path.ends_with(".sst")) return rocksdb::IOStatus::NoSpace("it is full");
        return FileSystemWrapper::NewWritableFile(path, options, file, debug);
    }

    std::atomic<bool> is_full{false};
};

/// Keeps all of RocksDB's flushing threads busy: a requested flush does not happen, as if the
/// request were lost.
class NoFlushes {
  public:
    explicit NoFlushes(rocksdb::Env& environment) : left_{threads(environment)} {
        for (int thread = left_; thread > 0; --thread) {
            environment.Schedule(&NoFlushes::stay, this, rocksdb::Env::Priority::HIGH);
        }
    }
    ~NoFlushes() { let_go(); }
    NoFlushes(const NoFlushes&) = delete;
    NoFlushes& operator=(const NoFlushes&) = delete;

    void let_go() {
        std::unique_lock lock{mutex_};
        over_ = true;
        changed_.notify_all();
        changed_.wait(lock, [&] { return left_ == 0; });
    }

  private:
    static int threads(rocksdb::Env& environment) {
        return environment.GetBackgroundThreads(rocksdb::Env::Priority::HIGH);
    }
    static void stay(void* argument) {
        auto& self = *static_cast<NoFlushes*>(argument);
        std::unique_lock lock{self.mutex_};
        self.changed_.wait(lock, [&] { return self.over_; });
        --self.left_;
        self.changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    int left_;
};

/// A database whose flush has failed, on a disk that has room again: it must be resumed.
class BoundedResume : public ::testing::Test {
  protected:
    void SetUp() override {
        rocksdb::Options options;
        options.create_if_missing = true;
        options.max_bgerror_resume_count = 0;
        options.env = environment_.get();
        options.listeners.push_back(errors_);
        rocksdb::DB* database = nullptr;
        ASSERT_TRUE(rocksdb::DB::Open(options, scratch_ / "tree", &database).ok());
        database_.reset(database);
        without_log_.disableWAL = true;
        ASSERT_TRUE(database_->Put(without_log_, "key", "value").ok());
        disk_->is_full = true;
        ASSERT_FALSE(database_->Flush({}).ok());
        disk_->is_full = false;
        ASSERT_FALSE(database_->Put(without_log_, "another", "value").ok());
    }

    ScratchDirectory scratch_;
    std::shared_ptr<FullDisk> disk_ = std::make_shared<FullDisk>();
    std::unique_ptr<rocksdb::Env> environment_ = rocksdb::NewCompositeEnv(disk_);
    // Keeps RocksDB from recovering by itself.
    std::shared_ptr<rocks::BackgroundErrors> errors_ =
        std::make_shared<rocks::BackgroundErrors>(scratch_.path(), 1, 1, Log{});
    rocksdb::WriteOptions without_log_;
    std::unique_ptr<rocksdb::DB> database_;
};

/// If the flush happens, everything works as before.
TEST_F(BoundedResume, ResumesADatabaseThatFlushes) {
    EXPECT_TRUE(rocks::resume_within(*database_, std::chrono::seconds(60)).ok());
    EXPECT_TRUE(database_->Put(without_log_, "another", "value").ok());
}

/// RocksDB can lose the request for the flush that resuming waits for, and would wait for ever. The
/// wait is ended with an error, and the contents can still be read.
TEST_F(BoundedResume, EndsWhereTheFlushDoesNotCome) {
    NoFlushes no_flushes(*environment_);
    auto resumed = std::async(std::launch::async, [&] {
        return rocks::resume_within(*database_, std::chrono::milliseconds(50));
    });
    const bool in_time = resumed.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
    EXPECT_TRUE(in_time) << "it waits for the flush for ever";
    if (!in_time) no_flushes.let_go();
    const rocksdb::Status status = resumed.get();
    EXPECT_TRUE(status.IsShutdownInProgress()) << status.ToString();
    std::string value;
    EXPECT_TRUE(database_->Get({}, "key", &value).ok());
    EXPECT_EQ(value, "value");
}

}  // namespace
}  // namespace amphora::tree::testing
