#include "tree/rocks/lock_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace amphora::rocks {

namespace {

class HeldLock final : public rocksdb::FileLock {
  public:
    explicit HeldLock(const std::string& path)
        : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {}
    ~HeldLock() override {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    HeldLock(const HeldLock&) = delete;
    HeldLock& operator=(const HeldLock&) = delete;

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
    /// Taken, or let go: a forked child has the same open file description, and closing alone would
    /// leave the lock to it.
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
#ifndef AMPHORA_MUTANT_ROCKS_NOT_LOCKED
    if (!held->set(F_WRLCK)) return failed("while locking " + path);
#endif
    *lock = held.release();
    return rocksdb::IOStatus::OK();
}

rocksdb::IOStatus LockFiles::UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions&,
                                        rocksdb::IODebugContext*) {
    const std::unique_ptr<HeldLock> held(static_cast<HeldLock*>(lock));
#ifdef AMPHORA_MUTANT_CHILD_KEEPS_THE_LOCK
    return rocksdb::IOStatus::OK();
#else
    return held->set(F_UNLCK) ? rocksdb::IOStatus::OK() : failed("while unlocking");
#endif
}

}  // namespace amphora::rocks
