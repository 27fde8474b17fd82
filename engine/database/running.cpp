#include "database/running.hpp"

#include "base/started_thread.hpp"
#include "base/thread_name.hpp"

#include <amphora/error.hpp>

#include <utility>
#include <vector>

namespace amphora::detail {

void ConsumerRegister::add(const std::string& name, const std::weak_ptr<Running>& running) {
    const std::lock_guard lock{mutex_};
    if (closed_) {
        throw Error{ErrorCode::transaction_closed, "the database was closed; open it again"};
    }
    if (!looking_) {
        looking_ = std::make_unique<std::jthread>(
            start_thread("looking after consumers", [this] { look_after_all(); }));
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

std::vector<std::shared_ptr<Running>> ConsumerRegister::alive() const {
    std::vector<std::shared_ptr<Running>> all;
    const std::lock_guard lock{mutex_};
    for (const auto& [name, running] : running_) {
        if (auto alive = running.lock()) all.push_back(std::move(alive));
    }
    return all;
}

void ConsumerRegister::close() noexcept {
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    // Without the lock, because a consumer that ends removes itself.
    for (const auto& running : alive()) running->stop();
    stop_looking();
}

void ConsumerRegister::look_after_all() noexcept {
    name_thread("watchdog");
    while (!looks_no_more_) {
        look_.await(Deadline{std::chrono::milliseconds{1000}});
        for (const auto& running : alive()) running->look_after();
    }
}

void ConsumerRegister::stop_looking() noexcept {
    looks_no_more_ = true;
    look_.give();
    std::unique_ptr<std::jthread> looking;
    {
        const std::lock_guard lock{mutex_};
        looking = std::move(looking_);
    }
    looking.reset();  // without the lock, which the thread takes
}

void ConsumerRegister::keep(const std::string& name, std::unique_ptr<journal::PositionHold> hold) {
    const std::lock_guard lock{keeping_};
    holds_[name] = std::move(hold);
}

void ConsumerRegister::move(const std::string& name, Sequence after, Sequence stored_by) {
    const std::lock_guard lock{keeping_};
    holds_.at(name)->move(after, stored_by);
}

void ConsumerRegister::release(const std::string& name) noexcept {
    const std::lock_guard lock{keeping_};
    const auto found = holds_.find(name);
    if (found == holds_.end()) return;
    found->second->release();
    holds_.erase(found);
}

void ConsumerRegister::forget_holds() noexcept {
    const std::lock_guard lock{keeping_};
    holds_.clear();
}

void ConsumerRegister::leave_holds_to_parent() noexcept {
    for (auto& [name, hold] : holds_) static_cast<void>(hold.release());
}

}  // namespace amphora::detail
