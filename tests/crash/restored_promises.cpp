// The promises about a database that is restored as of a commit or a time.

#include "crash/promises.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace amphora::crash {

std::optional<std::uint64_t> Promises::known_from() const {
    std::optional<std::uint64_t> first;
    for (const Thread& its : threads_) {
        if (its.returned.empty()) continue;
        const std::uint64_t sequence = its.returned.front().sequence;
        first = std::min(first.value_or(sequence), sequence);
    }
    return first;
}

Bounds Promises::as_of(std::uint64_t sequence, std::uint32_t thread) const {
    const Thread& its = threads_[thread];
    const auto after = std::ranges::upper_bound(its.returned, sequence, {}, &Returned::sequence);
    const std::uint64_t known = after == its.returned.begin() ? its.began : std::prev(after)->count;
    const bool next_is_unknown = after == its.returned.end() && its.on_its_way;
    return {.least = known, .most = known + (next_is_unknown ? 1u : 0u)};
}

std::optional<std::int64_t> Promises::time_by_which_written(std::uint64_t first,
                                                            std::uint64_t last) const {
    for (const Thread& its : threads_) {
        for (const Returned& commit : its.returned) {
            if (commit.is_written && commit.sequence >= first && commit.sequence <= last) {
                return commit.by_us;
            }
        }
    }
    return std::nullopt;
}

Bounds Promises::last_made_by(std::int64_t time_us) const {
    Bounds last{.least = 0, .most = UINT64_MAX};
    for (const Thread& its : threads_) {
        const Returned* before = nullptr;
        for (const Returned& commit : its.returned) {
            if (commit.is_written && commit.by_us <= time_us) {
                last.least = std::max(last.least, commit.sequence);
            }
            // A thread begins a transaction after the last one has returned.
            if (before != nullptr && before->by_us > time_us) {
                last.most = std::min(last.most, commit.sequence - 1);
            }
            before = &commit;
        }
    }
    return last;
}

void Promises::found_as_of(std::uint64_t end, std::uint32_t thread, std::uint64_t there) {
    const Bounds bounds = as_of(end, thread);
    compare(fmt::format("as of commit {}, thread {}", end, thread), bounds.least, bounds.most,
            there);
}

}  // namespace amphora::crash
