#include "tree/living_views.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <iterator>

namespace amphora::tree {

LivingViews::Place LivingViews::enter(std::uint64_t version) {
    const std::int64_t now = steady_ms();
    const std::lock_guard lock{mutex_};
    auto at = lives_.end();
    while (at != lives_.begin() && std::prev(at)->version > version) --at;
    return lives_.insert(at, Life{.since_ms = now, .version = version});
}

void LivingViews::leave(Place place) noexcept {
    const std::lock_guard lock{mutex_};
    lives_.erase(place);
}

void LivingViews::renew(Place place) noexcept {
    const std::int64_t now = steady_ms();
    const std::lock_guard lock{mutex_};
    place->since_ms = now;
}

std::uint64_t LivingViews::count() const {
    const std::lock_guard lock{mutex_};
    return lives_.size();
}

std::uint64_t LivingViews::oldest_ms() const {
    const std::int64_t now = steady_ms();
    const std::lock_guard lock{mutex_};
    if (lives_.empty()) return 0;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(now - lives_.front().since_ms, 0));
}

std::uint64_t LivingViews::oldest_version() const {
    const std::lock_guard lock{mutex_};
    return lives_.empty() ? UINT64_MAX : lives_.front().version;
}

}  // namespace amphora::tree
