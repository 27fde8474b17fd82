#pragma once

#include <cstdint>
#include <string_view>

namespace amphora::tree {

/// Remembers the process that made it. Both libraries seem to work in a forked child, and do not:
/// LMDB's reader slots have the parent's pid, and RocksDB's threads are gone.
class ProcessGuard {
  public:
    ProcessGuard();
    /// Throws `used_after_fork` in any other process.
    void check(std::string_view where) const {
        if (elsewhere()) [[unlikely]] {
            refuse(where);
        }
    }
    /// In a child nothing may be closed either: that would free the parent's reader slots.
    [[nodiscard]] bool elsewhere() const noexcept { return forks() != forks_; }

  private:
    /// The number of forks between the first process and this one. Cheaper than asking for the pid.
    static std::uint32_t forks() noexcept;
    [[noreturn]] static void refuse(std::string_view where);
    std::uint32_t forks_;
};

}  // namespace amphora::tree
