#pragma once

namespace amphora {

/// A file descriptor that threads make readable, for event loops.
class WakeDescriptor {
  public:
    /// Not readable. Throws `io_error` where the operating system gives no descriptor.
    WakeDescriptor();
    ~WakeDescriptor();
    WakeDescriptor(const WakeDescriptor&) = delete;
    WakeDescriptor& operator=(const WakeDescriptor&) = delete;

    /// Valid as long as this object. Only to be waited for.
    [[nodiscard]] int number() const noexcept { return number_; }
    /// Makes it readable. Any thread.
    void signal() const noexcept;
    /// Makes it unreadable.
    void clear() const noexcept;

  private:
    int number_;
};

}  // namespace amphora
