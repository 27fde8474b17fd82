#pragma once

#include <cstdint>
#include <string>

namespace amphora {

/// Shared locks on single bytes of a file, which tell another process that somebody is there. The file
/// is only opened for reading, and need not have these bytes.
///
/// The locks belong to this object (open file description locks of Linux, see fcntl(2)): the system
/// releases them when the process ends, however it ends. A forked child has them, too, until it ends or
/// executes another program. Threads: one at a time.
class RangeLock {
  public:
    /// Throws `io_error`.
    explicit RangeLock(std::string path);
    ~RangeLock();
    RangeLock(const RangeLock&) = delete;
    RangeLock& operator=(const RangeLock&) = delete;

    /// Throws `io_error`.
    void hold(std::uint64_t byte);
    void release(std::uint64_t byte) noexcept;

  private:
    std::string path_;
    int descriptor_;
};

/// Asks for such locks without holding any. Threads: any.
class RangeLockQuestion {
  public:
    /// Makes the file if it is missing. Throws `io_error`, `disk_full`.
    explicit RangeLockQuestion(const std::string& path);
    ~RangeLockQuestion();
    RangeLockQuestion(const RangeLockQuestion&) = delete;
    RangeLockQuestion& operator=(const RangeLockQuestion&) = delete;

    /// Whether anybody holds a byte of [begin, end). True also if the system does not tell.
    [[nodiscard]] bool is_held(std::uint64_t begin, std::uint64_t end) const noexcept;

  private:
    int descriptor_;
};

}  // namespace amphora
