#include "database/observers/observed.hpp"

namespace amphora::detail {

void Observed::tell() {
    const std::lock_guard lock{calling_};
    if (is_stopped()) return;
    runs_on_.store(std::this_thread::get_id());
    struct Left {
        std::atomic<std::thread::id>& runs_on;
        ~Left() { runs_on.store({}); }
    } const left{runs_on_};
    call();
}

void Observed::stop() noexcept {
    give_up();
    const bool is_inside = runs_on_.load() == std::this_thread::get_id();
    if (is_inside) return;  // the call holds the lock
    const std::lock_guard lock{calling_};
}

}  // namespace amphora::detail
