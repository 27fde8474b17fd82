#include "tree/process_guard.hpp"

#include "base/assert.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>
#include <pthread.h>

#include <atomic>

namespace amphora::tree {

namespace {

std::atomic<std::uint32_t> forks_so_far{0};

void count_fork() noexcept {
    forks_so_far.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

ProcessGuard::ProcessGuard() {
    static const int registered = ::pthread_atfork(nullptr, nullptr, count_fork);
    AMPHORA_ASSERT(registered == 0);
    forks_ = forks();
}

std::uint32_t ProcessGuard::forks() noexcept {
    return forks_so_far.load(std::memory_order_relaxed);
}

void ProcessGuard::refuse(std::string_view where) {
    throw Error{
        ErrorCode::used_after_fork,
        fmt::format("{}: this process is a fork of one that opened a database, and has neither "
                    "its threads nor its locks; exec first, or fork before the first opening",
                    where)};
}

}  // namespace amphora::tree
