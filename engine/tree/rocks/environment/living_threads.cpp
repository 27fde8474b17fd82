#include "tree/rocks/environment/living_threads.hpp"

#include "tree/process_guard.hpp"

#include <atomic>

namespace amphora::rocks {

namespace {

std::atomic<const tree::ProcessGuard*> threads{nullptr};

}  // namespace

void note_threads_started() {
    static const tree::ProcessGuard started;
    threads.store(&started, std::memory_order_release);
}

void require_living_threads(std::string_view where) {
    const tree::ProcessGuard* const started = threads.load(std::memory_order_acquire);
    if (started != nullptr) started->check(where);
}

}  // namespace amphora::rocks
