#include "tree/rocks/environment/lock_files.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

namespace amphora::rocks {

namespace {

/// The locked files of this process. They are listed here so that a forked child can close its
/// copies: a lock belongs to the open file description, and the child's copy would keep it after
/// the parent has closed its own.
class Descriptors {
  public:
    static Descriptors& all() {
        static Descriptors* const one = [] {
            auto* made = new Descriptors;  // never freed: trees may be closed by static destructors
            ::pthread_atfork([] { all().mutex_.lock(); }, [] { all().mutex_.unlock(); },
                             [] { all().leave_to_parent(); });
            return made;
        }();
        return *one;
    }

    /// -1 if it cannot be opened.
    int open(const std::string& path) {
        const std::lock_guard lock{mutex_};
        open_.reserve(open_.size() + 1);
        const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (descriptor >= 0) open_.push_back(descriptor);
        return descriptor;
    }
    void close(int descriptor) noexcept {
        const std::lock_guard lock{mutex_};
        if (std::erase(open_, descriptor) != 0) ::close(descriptor);
    }

  private:
    void leave_to_parent() noexcept {
        for (const int descriptor : open_) ::close(descriptor);
        open_.clear();
        mutex_.unlock();
    }

    std::mutex mutex_;
    std::vector<int> open_;
};

class HeldLock final : public rocksdb::FileLock {
  public:
    explicit HeldLock(const std::string& path) : descriptor_{Descriptors::all().open(path)} {}
    ~HeldLock() override { Descriptors::all().close(descriptor_); }
    HeldLock(const HeldLock&) = delete;
    HeldLock& operator=(const HeldLock&) = delete;

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
    /// Sets or releases the lock. The lock is released explicitly, because a child that was forked
    /// a moment ago may not have closed its copy yet.
    [[nodiscard]] bool set(short type) const noexcept {
        struct flock whole_file {};
        whole_file.l_type = type;
        whole_file.l_whence = SEEK_SET;
        return ::fcntl(descriptor_, F_OFD_SETLK, &whole_file) == 0;
    }

  private:
    int descriptor_;
};

rocksdb::IOStatus failed(const std::string& doing) {
    return rocksdb::IOStatus::IOError(doing, std::strerror(errno));
}

}  // namespace

rocksdb::IOStatus LockFiles::LockFile(const std::string& path, const rocksdb::IOOptions&,
                                      rocksdb::FileLock** lock, rocksdb::IODebugContext*) {
    auto held = std::make_unique<HeldLock>(path);
    if (!held->is_open()) return failed("while opening " + path);
    if (!held->set(F_WRLCK)) return failed("while locking " + path);
    *lock = held.release();
    return rocksdb::IOStatus::OK();
}

rocksdb::IOStatus LockFiles::UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions&,
                                        rocksdb::IODebugContext*) {
    const std::unique_ptr<HeldLock> held(static_cast<HeldLock*>(lock));
    return held->set(F_UNLCK) ? rocksdb::IOStatus::OK() : failed("while unlocking");
}

}  // namespace amphora::rocks
