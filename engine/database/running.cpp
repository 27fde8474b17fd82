#include "database/running.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace amphora::detail {

void ConsumerRegister::add(const std::string& name, const std::weak_ptr<Running>& running) {
    const std::lock_guard lock{mutex_};
    if (closed_) {
        throw Error{ErrorCode::transaction_closed, "the database was closed; open it again"};
    }
    const auto [place, is_new] = running_.try_emplace(name, running);
    if (is_new) return;
    throw Error{ErrorCode::in_use,
                "consumer " + name +
                    " runs already; stop its Subscription first, or give this one another name"};
}

void ConsumerRegister::remove(const std::string& name) noexcept {
    const std::lock_guard lock{mutex_};
    running_.erase(name);
}

std::shared_ptr<Running> ConsumerRegister::find(const std::string& name) const {
    const std::lock_guard lock{mutex_};
    const auto found = running_.find(name);
    return found == running_.end() ? nullptr : found->second.lock();
}

void ConsumerRegister::close() noexcept {
    std::vector<std::shared_ptr<Running>> all;
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
        for (const auto& [name, running] : running_) {
            if (auto alive = running.lock()) all.push_back(std::move(alive));
        }
    }
    // Without the lock, because a consumer that ends removes itself.
    for (const auto& running : all) running->stop();
}

void ConsumerRegister::need_after(const std::string& name, std::optional<Sequence> position,
                                  const std::function<void(std::optional<Sequence>)>& keep) {
    const std::lock_guard lock{needing_};
    if (position) {
        needed_after_[name] = *position;
    } else {
        needed_after_.erase(name);
    }
    keep(slowest());
}

void ConsumerRegister::need_after(std::map<std::string, Sequence> positions,
                                  const std::function<void(std::optional<Sequence>)>& keep) {
    const std::lock_guard lock{needing_};
    needed_after_ = std::move(positions);
    keep(slowest());
}

std::optional<Sequence> ConsumerRegister::slowest() const {
    std::optional<Sequence> slowest;
    for (const auto& [each, after] : needed_after_) {
        slowest = std::min(slowest.value_or(after), after);
    }
    return slowest;
}

}  // namespace amphora::detail
