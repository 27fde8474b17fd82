#pragma once

#include "base/ids.hpp"

#include <amphora/types.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

namespace amphora::detail {

/// What one observer is told. Writers note commits in it; one thread calls the callback.
class Observed {
  public:
    Observed() = default;
    Observed(const Observed&) = delete;
    Observed& operator=(const Observed&) = delete;
    virtual ~Observed() = default;

    /// A commit is visible that has changed these spaces; none: they are not known, because the commit
    /// was under way when the first observer came. True: there is something to tell. Any thread.
    [[nodiscard]] virtual bool note(const Commit& commit,
                                    std::optional<std::span<const SpaceId>> spaces) = 0;
    /// Calls the callback, if there is something to tell. Throws what the callback throws.
    void tell();
    /// When `tell` is to be called again for what it has put off, of the steady clock.
    [[nodiscard]] virtual std::optional<std::int64_t> put_off_until_ms() const { return {}; }

    /// The callback is not called any more. Waits for a call that is running, except inside of it.
    void stop() noexcept;
    /// The same without waiting.
    void give_up() noexcept { stopped_.store(true); }

  protected:
    /// As `tell`, by one thread at a time.
    virtual void call() = 0;
    [[nodiscard]] bool is_stopped() const noexcept { return stopped_.load(); }

  private:
    std::atomic<bool> stopped_{false};
    std::mutex calling_;  ///< held while the callback runs
    std::atomic<std::thread::id> runs_on_{};
};

}  // namespace amphora::detail
